"""Every check of the data in one list, on folders of odd files and on facts that were made up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.checks import find
from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, Split
from covid_desktop.core.duplicates import CopyGroup, find_copies
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import SEVERITIES, Finding
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.scan import scan
from covid_desktop.core.split import split
from covid_desktop.core.survey import survey
from covid_desktop.errors import ImageError

SIDE = 96
COVID, HEALTHY = "COVID-19", "Healthy"


def checked(folder: Path, cache: Path) -> dict[str, Finding]:
    """All findings about a folder on disk, by kind."""
    scanned = scan(folder)
    results = survey([sample.path for sample in scanned.samples], cache)
    unreadable = [
        SkippedFile(path=path, reason=str(result))
        for path, result in results.items()
        if isinstance(result, ImageError)
    ]
    facts = {path: result for path, result in results.items() if isinstance(result, ImageFacts)}
    dataset = scanned.without(tuple(unreadable))
    copies = find_copies(facts)
    findings = find(dataset, split(dataset, copies=[group.paths for group in copies]), facts, copies)
    assert [each.severity for each in findings] == sorted(
        (each.severity for each in findings), key=SEVERITIES.index
    )
    by_kind = {finding.kind: finding for finding in findings}
    assert len(by_kind) == len(findings)
    return by_kind


class Draughtsman:
    """Saves radiographs, each of another simulated person."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drawn = 0

    def place(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def person(self, name: str, size: int = SIDE) -> NDArray[np.uint8]:
        self._drawn += 1
        return draw_phantom(self._drawn, positive=COVID in name, size=size).pixels

    def save(self, name: str, pixels: NDArray[np.generic] | None = None) -> Path:
        path = self.place(name)
        image = self.person(name) if pixels is None else np.ascontiguousarray(pixels)
        Image.fromarray(image).save(path)
        return path


def test_nothing_but_their_number_is_wrong_with_plain_images(tmp_path: Path) -> None:
    draw = Draughtsman(tmp_path / "data")
    for name in (COVID, HEALTHY):
        for number in range(12):
            draw.save(f"{name}/{number}.png")
    findings = checked(tmp_path / "data", tmp_path / "cache")
    assert set(findings) == {"few-validation", "unknown-patients"}


# --- a folder in which everything is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class OddFolder:
    root: Path
    findings: Mapping[str, Finding]

    def groups(self, kind: str) -> set[frozenset[str]]:
        """The files of a finding, by their names in the folder."""
        return {
            frozenset(path.relative_to(self.root).as_posix() for path in group)
            for group in self.findings[kind].groups
        }

    def note(self, kind: str, name: str) -> str:
        return self.findings[kind].notes[self.root / name]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> OddFolder:
    base = tmp_path_factory.mktemp("odd")
    root = base / "data"
    _draw_odd_files(Draughtsman(root))
    return OddFolder(root=root, findings=checked(root, base / "cache"))


def _draw_odd_files(draw: Draughtsman) -> None:
    for part, count in (("train", 10), ("val", 4)):
        for name in (COVID, HEALTHY):
            for number in range(count):
                draw.save(f"{part}/{name}/{number}.png")
    _draw_damaged_files(draw)
    _draw_odd_pictures(draw)
    _draw_copies(draw)


def _draw_damaged_files(draw: Draughtsman) -> None:
    draw.place("train/Healthy/zero.png").touch()
    draw.place("val/Healthy/text.png").write_text("This is no image.")
    whole = draw.save("train/COVID-19/cut.jpg").read_bytes()
    draw.place("train/COVID-19/cut.jpg").write_bytes(whole[: len(whole) // 2])


def _draw_odd_pictures(draw: Draughtsman) -> None:
    draw.save("train/Healthy/tiny.png", draw.person("tiny", size=40))
    draw.save("train/COVID-19/blank.png", np.full((SIDE, SIDE), 9, np.uint8))
    marked = np.repeat(draw.person("marked")[..., np.newaxis], 3, axis=2)
    marked[:20, :20] = (255, 0, 0)
    draw.save("train/COVID-19/marked.png", marked)
    draw.save("train/Healthy/negative.png", 255 - draw.person("negative"))
    draw.save("train/Healthy/lying.png", np.rot90(draw.person("lying")))
    draw.save("val/COVID-19/headstand.png", np.rot90(draw.person("headstand"), 2))
    draw.save("train/Healthy/deep.png", draw.person("deep").astype(np.uint16) * 257)
    frames = [Image.fromarray(draw.person("frames")) for _ in range(3)]
    frames[0].save(draw.place("val/Healthy/frames.tif"), save_all=True, append_images=frames[1:])


def _draw_copies(draw: Draughtsman) -> None:
    twice = draw.save("train/Healthy/twice.png").read_bytes()
    draw.place("train/Healthy/twice-again.png").write_bytes(twice)
    for original, copy in (
        ("val/COVID-19/first.png", "val/COVID-19/first-smaller.jpg"),
        ("train/COVID-19/ill.png", "train/Healthy/ill-or-not.jpg"),
        ("train/Healthy/both.png", "val/Healthy/both-sets.jpg"),
    ):
        path = draw.save(original)
        with Image.open(path) as image:
            image.resize((80, 80)).save(draw.place(copy), quality=92)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("unreadable", ["train/Healthy/zero.png", "val/Healthy/text.png", "train/COVID-19/cut.jpg"]),
        ("too-small", ["train/Healthy/tiny.png"]),
        ("blank", ["train/COVID-19/blank.png"]),
        ("colour", ["train/COVID-19/marked.png"]),
        ("inverted", ["train/Healthy/negative.png"]),
        ("sideways", ["train/Healthy/lying.png", "val/COVID-19/headstand.png"]),
        ("multi-frame", ["val/Healthy/frames.tif"]),
        ("bit-depth", ["train/Healthy/deep.png"]),
    ],
)
def test_each_odd_file_is_found_and_no_other(odd: OddFolder, kind: str, names: list[str]) -> None:
    assert odd.groups(kind) == {frozenset([name]) for name in names}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("duplicates", [("train/Healthy/twice.png", "train/Healthy/twice-again.png")]),
        ("label-conflict", [("train/COVID-19/ill.png", "train/Healthy/ill-or-not.jpg")]),
        ("leak", [("train/Healthy/both.png", "val/Healthy/both-sets.jpg")]),
    ],
)
def test_copies_are_found_by_what_they_do(odd: OddFolder, kind: str, names: list[tuple[str, str]]) -> None:
    expected = {frozenset(pair) for pair in names}
    if kind == "duplicates":
        expected.add(frozenset(["val/COVID-19/first.png", "val/COVID-19/first-smaller.jpg"]))
    assert odd.groups(kind) == expected


@pytest.mark.parametrize(
    ("kind", "name", "note"),
    [
        ("unreadable", "train/Healthy/zero.png", "Empty file."),
        ("unreadable", "val/Healthy/text.png", "Not an image."),
        ("unreadable", "train/COVID-19/cut.jpg", "Damaged, cut off, or of a kind that is not supported."),
        ("too-small", "train/Healthy/tiny.png", "40 x 40 pixels"),
        ("blank", "train/COVID-19/blank.png", "Grey level 9 all over"),
        ("colour", "train/COVID-19/marked.png", "4 % of it is coloured"),
        ("sideways", "train/Healthy/lying.png", "Turned a quarter"),
        ("sideways", "val/COVID-19/headstand.png", "Upside down"),
        ("multi-frame", "val/Healthy/frames.tif", "3 frames"),
        ("bit-depth", "train/Healthy/deep.png", "16 bit"),
        ("duplicates", "train/Healthy/twice.png", "The same file"),
        ("leak", "val/Healthy/both-sets.jpg", "Nearly the same picture"),
    ],
)
def test_each_file_has_a_note(odd: OddFolder, kind: str, name: str, note: str) -> None:
    assert odd.note(kind, name) == note


def test_nothing_else_is_found_in_the_odd_folder(odd: OddFolder) -> None:
    assert set(odd.findings) == {
        *("label-conflict", "leak", "duplicates", "unreadable", "few-validation", "unknown-patients"),
        *("too-small", "blank", "colour", "inverted", "sideways", "multi-frame", "bit-depth"),
    }


# --- facts that were made up


PLAIN = ImageFacts(
    sha256="",
    format="PNG",
    file_bytes=5000,
    width=200,
    height=200,
    frames=1,
    bits=8,
    make="",
    view="",
    mean=63.0,
    contrast=26.0,
    colour=0.0,
    phash=bytes(18),
    thumbnail=np.tile(np.arange(64, dtype=np.uint8), 64).tobytes(),
)


def told_apart() -> tuple[Dataset, Split, dict[Path, ImageFacts]]:
    """20 positive images of 16 bits, 60 negative ones of 8; each of another patient, every other trains."""
    samples = tuple(
        Sample(path=Path(f"/data/{number}.png"), label=int(number < 20), patient=f"P{number}")
        for number in range(80)
    )
    training, validation = samples[::2], samples[1::2]
    facts = {one.path: replace(PLAIN, bits=16 if one.label else 8) for one in samples}
    dataset = Dataset(folder=Path("/data"), class_names=(HEALTHY, COVID), samples=samples)
    return dataset, Split(training=training, validation=validation), facts


def kinds(dataset: Dataset, division: Split, facts: dict[Path, ImageFacts], *copies: CopyGroup) -> list[str]:
    return [finding.kind for finding in find(dataset, division, facts, copies)]


def test_what_tells_the_classes_apart_comes_before_what_is_less_serious() -> None:
    assert kinds(*told_apart()) == ["confounder-bit-depth", "imbalance", "few-validation", "bit-depth"]


def test_a_patient_in_two_sets_comes_before_what_is_less_serious() -> None:
    dataset, _, facts = told_apart()
    renamed = {one: replace(one, patient="same") for one in dataset.samples[-2:]}
    samples = tuple(renamed.get(one, one) for one in dataset.samples)
    found = kinds(
        replace(dataset, samples=samples), Split(training=samples[::2], validation=samples[1::2]), facts
    )
    assert set(found[:2]) == {"patient-leak", "confounder-bit-depth"}
    assert set(found[2:]) == {"imbalance", "few-validation", "bit-depth"}


def test_copies_of_one_picture_are_no_independent_images() -> None:
    """Of four different pictures a class cannot be learnt, however often they are there."""
    dataset, division, facts = told_apart()
    paths = [sample.path for sample in dataset.samples if sample.label]
    copies = [CopyGroup(paths=tuple(paths[start::4]), exact=True) for start in range(4)]
    found = kinds(dataset, division, facts, *copies)
    assert "confounder-bit-depth" not in found
    assert {"leak", "duplicates"} & set(found)


def test_images_without_facts_are_passed_over() -> None:
    dataset, division, facts = told_apart()
    positive = [sample.path for sample in dataset.samples if sample.label]
    copies = CopyGroup(paths=(positive[0], positive[1]), exact=True)
    assert "leak" in kinds(dataset, division, facts, copies)
    some = {path: each for path, each in facts.items() if path not in positive[:-4]}
    assert {"leak", "confounder-bit-depth"} & set(kinds(dataset, division, some, copies)) == set()
