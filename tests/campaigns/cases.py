"""The cases of the campaign: which file is damaged in which way follows from the seed and a number."""

import random
import sys
import tempfile
from functools import cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import zoo
from mutations import mutated


class Cases:
    """``kind`` of a case is "images" or "dicom"; files of ``folder`` are damaged besides those drawn here."""

    def __init__(self, seed: int, folder: Path | None) -> None:
        self._seed, self._folder = seed, folder

    def case(self, kind: str, number: int) -> tuple[str, bytes]:
        """The name of the file that is damaged, and the damaged file."""
        rng = random.Random(f"{self._seed} {kind} {number}")
        files = self.files[kind]
        name = rng.choice(list(files))
        return name, mutated(files[name], list(files.values()), rng)

    @cached_property
    def files(self) -> dict[str, dict[str, bytes]]:
        """Undamaged files by kind and name."""
        with tempfile.TemporaryDirectory() as folder:
            drawn = zoo.draw(Path(folder), small=True)
            found = {name: path.read_bytes() for name, path in drawn.items()}
        for path in sorted(self._folder.rglob("*")) if self._folder else ():
            if path.is_file():
                found[str(path)] = path.read_bytes()
        kinds: dict[str, dict[str, bytes]] = {"images": {}, "dicom": {}}
        for name, data in found.items():
            is_dicom = data[128:132] == b"DICM" or data.startswith(b"\x08\0")
            kinds["dicom" if is_dicom else "images"][name] = data
        return kinds
