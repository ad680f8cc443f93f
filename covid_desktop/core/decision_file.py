"""Keeps decisions in a small readable file beside the data, or in the user's own place."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from covid_desktop.core.atomic import write_text
from covid_desktop.core.dataset import SUBSETS, Dataset
from covid_desktop.core.decisions import Decisions, name_in
from covid_desktop.errors import DatasetError

DECISIONS_FILE = "covid-desktop.json"
FORMAT = 1
_ABOUT = (
    "What was decided about the images in this folder with COVID Desktop. The images themselves are "
    "unchanged. Delete this file to start anew."
)


def load_decisions(scanned: Dataset, own_place: Path) -> Decisions:
    """What was decided about the data set; nothing where there is no file. Raises DatasetError.

    ``own_place`` is the folder for decisions about folders that cannot be written.
    """
    path = _own_file(scanned, own_place) or scanned.folder / DECISIONS_FILE
    return _from_json(_read(path)) if path.is_file() else Decisions()


def save_decisions(scanned: Dataset, decisions: Decisions, own_place: Path) -> Path:
    """Write them beside the data, or into ``own_place`` where that cannot be written; the file.

    Raises UserError where neither can be.
    """
    old = _own_file(scanned, own_place)
    if os.access(scanned.folder, os.W_OK):
        path = scanned.folder / DECISIONS_FILE
        write_text(path, _text(_to_json(decisions)))
        if old:
            with suppress(OSError):  # what is beside the data comes first from now on
                old.unlink()
        return path
    path = old or own_place / f"{_key(str(scanned.folder))}.json"
    where = {"folder": _key(str(scanned.folder)), "files": _fingerprint(scanned)}
    write_text(path, _text(_to_json(decisions) | where))
    return path


def _own_file(scanned: Dataset, own_place: Path) -> Path | None:
    """The file in the user's place that is about this data set, which may have been moved or have grown."""
    candidates = {}
    for path in sorted(own_place.glob("*.json")):
        with suppress(DatasetError):  # a damaged one may be about any folder
            candidates[path] = _read(path)
    if not candidates:
        return None
    fingerprint, folder = _fingerprint(scanned), _key(str(scanned.folder))
    for path, values in candidates.items():
        if values.get("files") == fingerprint:
            return path
    for path, values in candidates.items():
        if values.get("folder") == folder and _speaks_of(values, scanned):
            return path
    return None


def _speaks_of(values: Mapping[str, Any], scanned: Dataset) -> bool:
    """Whether most of the images decided about are here: another disk may be at the same place now."""
    try:
        named = _from_json(values).named
    except DatasetError:
        return False
    present = {name_in(scanned.folder, sample.path) for sample in scanned.samples}
    return 2 * len(named & present) >= len(named)


def _fingerprint(scanned: Dataset) -> str:
    """The same wherever the folder is: names and sizes of the files, also of those that cannot be read."""
    files = [*(one.path for one in scanned.samples), *(one.path for one in scanned.skipped)]
    sizes = [(name_in(scanned.folder, path), _size(path)) for path in files]
    return _key(repr(sorted(sizes)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _key(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path.name) from error
    if not isinstance(values, dict):
        raise _damaged(path.name)
    return values


def _damaged(name: str) -> DatasetError:
    return DatasetError(
        f"The file {name}, which holds what was decided about these images, cannot be read.",
        "Repair it, or delete it to start anew.",
    )


def _to_json(decisions: Decisions) -> dict[str, Any]:
    sets = {subset: [name for name, place in decisions.sets.items() if place == subset] for subset in SUBSETS}
    return {
        "about": _ABOUT,
        "format": FORMAT,
        "positive_class": decisions.positive_class,
        "patient_pattern": decisions.patient_pattern,
        "excluded": dict(decisions.excluded),
        "classes": dict(decisions.classes),
        "sets": {subset: sorted(names) for subset, names in sets.items() if names},
        "test_uses": list(decisions.test_uses),
        "salt": decisions.salt,
    }


def _from_json(values: Mapping[str, Any]) -> Decisions:
    if not isinstance(values.get("format"), int):
        raise _damaged(DECISIONS_FILE)
    if values["format"] > FORMAT:
        raise DatasetError(
            f"The file {DECISIONS_FILE} was written by a newer version of the program.",
            "Install that version, or delete the file to start anew.",
        )
    try:
        return _parsed(values)
    except (AttributeError, TypeError, ValueError) as error:
        raise _damaged(DECISIONS_FILE) from error


def _parsed(values: Mapping[str, Any]) -> Decisions:
    sets, positive = values.get("sets", {}), values.get("positive_class")
    if not isinstance(positive, str | None):
        raise TypeError("positive_class")
    if not set(sets) <= set(SUBSETS):
        raise ValueError("a set that is not known")
    placed = {name: subset for subset in SUBSETS for name in _texts(sets.get(subset, ()))}
    return Decisions(
        positive_class=positive,
        patient_pattern=str(values.get("patient_pattern", "")),
        excluded=_table(values.get("excluded", {})),
        classes=_table(values.get("classes", {})),
        sets=placed,
        test_uses=tuple(_texts(values.get("test_uses", ()))),
        salt=str(values.get("salt", "")),
    )


def _table(values: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(_texts(values.keys()), _texts(values.values()), strict=True))


def _texts(values: Any) -> list[str]:
    texts = list(values)
    if isinstance(values, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError("not a list of texts")
    return texts
