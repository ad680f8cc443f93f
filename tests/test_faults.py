"""Whatever the system refuses while a file of the user's is written: the old one stays, and it is said."""

import ast
import errno
import importlib.util
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covid_desktop import paths
from covid_desktop.core import store
from covid_desktop.gui.settings import Settings

HERE = Path(__file__).parent
pytestmark = pytest.mark.timeout(600)
posix_only = pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")


def _campaign() -> Any:
    spec = importlib.util.spec_from_file_location("faults_campaign", HERE / "campaigns" / "faults.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


faults = _campaign()
each_place = pytest.mark.parametrize("place", faults.PLACES, ids=lambda place: place.name)
SLOW = {place.name for place in faults.PLACES if "PDF" in place.name or "HTML" in place.name}
SLOW |= {"history and curves", "curves as PNG", "curves as SVG"}
"""Those that draw."""


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    faults.clean_up()


def folders(root: Path) -> Iterator[Path]:
    for number in range(10_000):
        folder = root / str(number)
        folder.mkdir()
        yield folder


@each_place
def test_every_call_of_the_system_may_fail(place: Any, tmp_path: Path, qapp: Any) -> None:
    """Each call once, and with the disk staying full; slow ones at the first, the middle and the last."""
    new = folders(tmp_path)
    calls, _ = faults.count_calls(place, next(new))
    assert {"open", "fsync"} <= set(calls), "the calls are seen"
    at = range(len(calls))
    if place.name in SLOW or len(calls) > 14:
        at = sorted(
            {len(calls) // 2, len(calls) - 2} | (set() if place.name in SLOW else {0, len(calls) - 1})
        )
    found = {}
    for number in at:
        for error, mode in ((errno.EIO, "once"), (errno.ENOSPC, "from then on"), (0, "folder removed")):
            found[number, mode, calls[number]] = faults.try_call(place, next(new), number, error, mode)
    assert {key: words for key, words in found.items() if words} == {}


@posix_only
@each_place
def test_a_disk_that_is_full_at_any_byte(place: Any, tmp_path: Path, qapp: Any) -> None:
    """Whoever writes: Python, or a library in C."""
    new = folders(tmp_path)
    _, largest = faults.count_calls(place, next(new))
    sizes = {largest // 2, largest - 1} | (set() if place.name in SLOW else {0, 1})
    found = {size: faults.try_limit(place, next(new), size) for size in sorted(sizes)}
    assert {size: words for size, words in found.items() if words} == {}


def test_a_model_that_cannot_be_saved(tmp_path: Path) -> None:
    """By Keras, which puts an archive together, and by the card that is added to it."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    card = faults.card(1)
    classifier = Classifier(build(card.architecture, card.preprocessing), card)
    place = faults.Place(name="model", write=lambda folder, _: classifier.save(folder / "model.keras"))
    new, temporary = folders(tmp_path), set(Path(tempfile.gettempdir()).iterdir())
    calls, largest = faults.count_calls(place, next(new))
    found: dict[object, list[str]] = {}
    for number in sorted({0, 1, 2, len(calls) // 3, len(calls) // 2, len(calls) - 3, len(calls) - 1}):
        for error, mode in ((errno.EIO, "once"), (errno.ENOSPC, "from then on")):
            found[number, mode, calls[number]] = faults.try_call(place, next(new), number, error, mode)
    if os.name == "posix":
        for size in (0, largest // 3, largest - 1):
            found[size] = faults.try_limit(place, next(new), size)
    assert {key: words for key, words in found.items() if words} == {}
    left = set(Path(tempfile.gettempdir()).iterdir()) - temporary
    assert [path for path in left if any(path.rglob("*.h5")) or path.suffix == ".h5"] == []


def test_a_share_of_the_campaign(capsys: pytest.CaptureFixture[str], qapp: Any) -> None:
    assert faults.main(12, 1) == 0, capsys.readouterr().out


# --- what only saves work, or is remembered, is done without


@posix_only
def test_settings_that_cannot_be_written_stay_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "settings.ini"
    settings = Settings(file)
    settings.set_text("tab", "data")
    settings.save()
    before = file.read_bytes()
    settings.set_text("tab", "predict")
    with faults.limited(0):
        settings.save()
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert "The settings cannot be written" in caplog.text
    assert settings.text("tab") == "predict", "the window goes on with it"


class Refusing(sqlite3.Connection):
    """A file that cannot be read or written once it is open."""

    refuses = False

    def execute(self, *arguments: Any) -> Any:
        self._refuse()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        self._refuse()
        return super().executemany(*arguments)

    def _refuse(self) -> None:
        if Refusing.refuses:
            raise sqlite3.DatabaseError("disk I/O error")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Refusing]]:
    original = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: original(*a, **{**k, "factory": Refusing}))
    yield Refusing
    Refusing.refuses = False


def test_a_store_that_fails_is_done_without(tmp_path: Path, refusing: type[Refusing]) -> None:
    import numpy as np

    from covid_desktop.core.config import Augmentation
    from covid_desktop.core.facts_store import open_facts
    from covid_desktop.core.feature_store import Reading, open_store
    from covid_desktop.core.memory import remembered
    from covid_desktop.core.preprocessing import Preprocessing
    from covid_desktop.core.watch_store import open_watch_store
    from covid_desktop.errors import ImageError

    reading = Reading(
        weights="w",
        preprocessing=Preprocessing(width=8, height=8, channels=1),
        augmentation=Augmentation(),
        copy=0,
    )
    said = faults.prediction(1, tmp_path / "1.png")
    with (
        open_store(tmp_path) as features,
        open_facts(tmp_path) as facts,
        open_watch_store(tmp_path, tmp_path, "model") as watched,
    ):
        refusing.refuses = True
        features.put(reading, ["a"], np.zeros((1, 4), np.float32))
        assert features.get(reading, ["a"]) == {}
        facts.put(b"file", ImageError("damaged"))
        facts.flush()
        assert facts.get(b"file") is None
        assert watched.claim("1.png", "a") == "mine"
        watched.put("1.png", (1, 1), "a", said)
        assert watched.results() == []
        refusing.refuses = False
    answer = [{"a": "b"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_connect_anew_if_damaged", _raise_locked)
        assert remembered(tmp_path, "question", lambda: answer) == answer


def _raise_locked(*_: object) -> Any:
    raise sqlite3.OperationalError("database is locked")


def test_places_that_cannot_be_made_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    for name in ("features", "survey"):
        (paths.cache_folder() / name).write_text("in the way")
    for name in ("decisions", "watched", "runs", "worklist", "prediction log"):
        (paths.data_folder() / name).write_text("in the way")
    for place in (
        *(paths.features_folder, paths.survey_folder, paths.decisions_folder, paths.watch_folder),
        *(paths.runs_folder, paths.worklist_folder, paths.prediction_log_file),
    ):
        with pytest.raises(paths.PlaceError, match=r"cannot write to its folder .*\."):
            place()


# --- no other way of writing

_WRITES = {
    "write_text",
    "write_bytes",
    "savefig",
    "save",
    "save_as",
    "dcmwrite",
    "copyfile",
    "copy2",
    "copytree",
}
_WRITES |= {"replace", "rename", "mkstemp", "TemporaryFile", "NamedTemporaryFile", "ZipFile", "QPdfWriter"}
_WRITES |= {
    "QSettings",
    "connect",
    "TemporaryDirectory",
    "mkdtemp",
    "dump",
    "tofile",
    "QTemporaryDir",
    "QSaveFile",
}
_WRITES |= {
    "RotatingFileHandler",
    "QFile",
    "QImageWriter",
    "savez",
    "SerializeToString",
    "truncate",
    "fdopen",
}
ALLOWED = {
    "core/atomic.py": {"mkstemp", "replace", "copy2", "open"},  # the one place where files are replaced
    "core/checkpoint.py": {"ZipFile"},  # within written_whole, or for reading
    "core/export_place.py": {"mkdtemp", "rename", "write_text"},  # beside the place, then renamed
    "core/file_lock.py": {"open"},  # an empty file that is locked
    "core/fixed_set.py": {"save", "dcmwrite"},  # a temporary folder of verify
    "core/dicom_instance.py": {"dcmwrite"},  # into what dicom_results writes whole
    "core/hash_chain.py": {
        "open",
        "truncate",
        "fdopen",
    },  # the log grows; a half line is taken back or completed
    "core/kept_worklist.py": {"replace"},  # moves a whole file
    "core/model_archive.py": {"ZipFile"},  # for reading
    "core/model_file.py": {"ZipFile", "open"},  # for reading, or within written_whole
    "core/runs.py": {"rename"},  # moves a whole folder to the trash and back
    "core/store.py": {"connect"},  # SQLite has a journal
    "figures/report_pictures.py": {"savefig"},  # into memory
    "figures/result_picture.py": {"savefig"},  # into memory
    "gui/pdf.py": {"QPdfWriter"},  # into memory
    "gui/theme.py": {"QTemporaryDir", "save"},  # ticks of the style sheet, drawn at each start
    "gui/runs_tab.py": {"replace"},  # puts a row of the table in the place of another
    "gui/settings.py": {"QSettings"},  # Qt replaces the file whole
    "jobs/training.py": {"save"},  # the classifier's, which is whole
    "learning/exporting.py": {"copyfile"},  # within export_place
    "learning/tensorflow_formats.py": {"save", "write_bytes"},  # within export_place
    "learning/onnx_format.py": {"write_bytes", "SerializeToString"},  # within export_place
    # In a temporary folder.
    "self_test.py": {"TemporaryDirectory", "write_bytes", "savefig", "save", "copytree"},
    "streams.py": {"TemporaryFile", "open"},  # standard error is held back; the null device
    "cli/__init__.py": {"open"},  # the null device
    "verifying.py": {"TemporaryDirectory"},
}
"""What writes outside a function that uses ``written_whole``, and why no file of the user's is in danger."""


def _writes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that write or may, but for those in functions that use what core/atomic has for it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and _is_safe(node):
            continue
        if isinstance(node, ast.Call) and (name := _written_by(node)):
            yield node.lineno, name
        yield from _writes(node)


def _is_safe(function: ast.FunctionDef) -> bool:
    called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return bool(called & {"written_whole", "all_written_whole"})


def _written_by(call: ast.Call) -> str:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name == "open":
        return name if _opens_for_writing(call) else ""
    if name in {"replace", "rename", "connect", "save", "save_as"} and not _is_about_files(name, call):
        return ""
    if name == "write_text" and isinstance(function, ast.Name):
        return ""  # that of core/atomic
    return name if name in _WRITES else ""


def _opens_for_writing(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "os":
        return True
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if any(isinstance(one, ast.Name) and one.id == "mode" for one in given):
        return True
    texts = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(set(text) <= set("rwaxbt+") and set(text) & set("wax+") for text in texts)


def _is_about_files(name: str, call: ast.Call) -> bool:
    """A path's ``replace`` has one argument; ``save`` has some, but for those of painters and settings.

    A dialog's ``save_as`` asks for a place.
    """
    if name == "connect":
        return getattr(getattr(call.func, "value", None), "id", "") == "sqlite3"
    if name == "save":
        return bool(call.args)
    if name == "save_as":
        return "dialogs" not in ast.unparse(call.func)
    return len(call.args) == 1 and not call.keywords


def test_no_file_is_written_but_whole() -> None:
    """A new place that writes must use core/atomic, or say above why it need not."""
    package = Path(paths.__file__).parent
    found: dict[str, set[str]] = {}
    for file in sorted(package.rglob("*.py")):
        for _, name in _writes(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(file.relative_to(package).as_posix(), set()).add(name)
    extra = {file: names - ALLOWED.get(file, set()) for file, names in found.items()}
    assert {file: names for file, names in extra.items() if names} == {}, (
        "these write and do not use core/atomic"
    )
    outdated = {file: names - found.get(file, set()) for file, names in ALLOWED.items()}
    assert {file: names for file, names in outdated.items() if names} == {}, "these do not write any more"
