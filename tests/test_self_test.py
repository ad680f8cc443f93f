"""The self-test passes here, leaves nothing, and says in a sentence what is wrong elsewhere."""

import os
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from covid_desktop import paths, self_test
from covid_desktop.errors import ImageError

MAKER = Path(__file__).with_name("make_self_test_files.py")
FILES = paths.resource("self-test")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("self-test")
    runpy.run_path(str(MAKER))["write_files"](folder)
    return folder


def use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the self-test find its files in the parent of ``folder``, which is named self-test."""
    monkeypatch.setattr(self_test, "resource", lambda name: folder / Path(name).relative_to("self-test"))


def problem_of_image(name: str) -> str:
    return self_test._problem(partial(self_test._read_image, name))


def test_files_are_those_that_are_checked_and_small() -> None:
    files = [path for path in FILES.iterdir() if path.is_file()]
    assert {path.name for path in files} == {*self_test.IMAGES, "reference.npy"}
    assert sum(path.stat().st_size for path in files) < 300_000


@pytest.mark.parametrize("name", self_test.IMAGES)
def test_shipped_file_shows_the_reference(name) -> None:
    assert problem_of_image(name) == ""


@pytest.mark.parametrize("name", self_test.IMAGES)
def test_file_made_anew_shows_the_reference(name, made, monkeypatch) -> None:
    use(made, monkeypatch)
    assert problem_of_image(name) == ""


def test_files_made_anew_are_those_that_are_checked(made) -> None:
    assert {path.name for path in made.iterdir()} == {*self_test.IMAGES, "reference.npy"}


def test_every_transfer_syntax_is_there() -> None:
    from pydicom import dcmread

    from covid_desktop.core.dicom import _CODECS

    read = [dcmread(FILES / name, force=True) for name in self_test.IMAGES if name.endswith(".dcm")]
    assert {dataset.file_meta.TransferSyntaxUID for dataset in read} == set(_CODECS)
    assert {str(dataset.PatientName) for dataset in read} == {"SIMULATED"}


@pytest.fixture
def other_files(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that a test may spoil."""
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    use(tmp_path, monkeypatch)
    return tmp_path


def test_another_picture_is_a_problem(other_files) -> None:
    reference = np.load(other_files / "reference.npy")
    np.save(other_files / "reference.npy", reference[:, ::-1])
    for name in self_test.IMAGES:
        assert problem_of_image(name).endswith("grey levels off on average.")
    np.save(other_files / "reference.npy", reference.T)
    assert problem_of_image("grey.png") == "The picture has the size (95, 79)."


def test_one_wrong_pixel_is_a_problem_where_nothing_may_be_lost(other_files) -> None:
    reference = np.load(other_files / "reference.npy")
    reference[50, 40] ^= 16
    np.save(other_files / "reference.npy", reference)
    wrong = {name for name in self_test.IMAGES if problem_of_image(name)}
    assert wrong == set(self_test.IMAGES) - self_test._LOSSY


def test_missing_and_damaged_files_are_problems(other_files) -> None:
    (other_files / "grey.png").unlink()
    assert problem_of_image("grey.png") == "Cannot be opened: no such file or directory."
    (other_files / "rle.dcm").write_bytes((other_files / "rle.dcm").read_bytes()[:5000])
    assert "ut off" in problem_of_image("rle.dcm")


def test_damaged_files_are_refused(tmp_path, monkeypatch) -> None:
    check = partial(self_test._refuse_damaged, tmp_path)
    assert self_test._problem(check) == ""
    monkeypatch.setattr("covid_desktop.core.image.decode", lambda path: None)
    assert self_test._problem(check) == "grey.png, cut in half, was read."


@pytest.mark.parametrize("check", [self_test._divide, self_test._evaluate])
def test_parts_without_files_are_well(check) -> None:
    assert self_test._problem(check) == ""


def test_curves_and_window_are_drawn(tmp_path, qapp) -> None:
    assert self_test._problem(partial(self_test._draw_curves, tmp_path)) == ""
    assert self_test._problem(partial(self_test._show_window, tmp_path)) == ""


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ImageError("Not an\nimage."), "Not an image."),
        (ImportError("no module\n  named x"), "ImportError: no module named x"),
        (ValueError(), "ValueError:"),
    ],
)
def test_any_error_is_a_problem_in_one_line(error, problem) -> None:
    def check() -> None:
        raise error

    assert self_test._problem(check) == problem


def test_the_users_folders_are_left_alone(monkeypatch) -> None:
    home = os.environ[paths.HOME_VARIABLE]
    seen: list[Path] = []
    monkeypatch.setattr(
        self_test, "_checks", lambda folder: [("one", lambda: seen.append(paths.data_folder()))]
    )
    assert list(self_test.run_checks()) == [("one", "")]
    assert not seen[0].is_relative_to(home)
    assert not seen[0].exists()
    assert os.environ[paths.HOME_VARIABLE] == home


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    self_test._draw_radiographs(tmp_path)
    return tmp_path


def test_a_copy_is_found_among_the_radiographs(radiographs: Path) -> None:
    check = partial(self_test._check_data, radiographs)
    assert self_test._problem(check) == ""
    assert len(list((radiographs / "images").rglob("*.jpg"))) == 0


def test_a_copy_that_is_not_found_is_a_problem(radiographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("covid_desktop.core.duplicates.find_copies", lambda *_: [])
    check = partial(self_test._check_data, radiographs)
    assert self_test._problem(check) == "A copy of a picture was not found."


@pytest.mark.parametrize(
    ("epochs", "audit", "problem"),
    [
        (2, None, "The shortcut audit was not made."),
        (1, "an audit", "1 epochs were trained, not 2."),
    ],
)
def test_a_run_that_is_not_whole_is_a_problem(
    radiographs: Path, monkeypatch: pytest.MonkeyPatch, epochs: int, audit: str | None, problem: str
) -> None:
    result = SimpleNamespace(history=SimpleNamespace(epochs=[0] * epochs), audit=audit)
    monkeypatch.setattr("covid_desktop.jobs.train", lambda *_: result)
    check = partial(self_test._train, radiographs, self_test._TRAININGS[1])
    assert self_test._problem(check) == problem


def scores_csv(folder: Path, scores: list[float]) -> None:
    (folder / "images").mkdir()
    rows = [f"{folder / 'images' / f'{number}.png'},{score}" for number, score in enumerate(scores)]
    for number in range(len(scores)):
        (folder / "images" / f"{number}.png").touch()
    (folder / "small-cnn.csv").write_text("\n".join(["path,score", *rows]))


def test_other_scores_are_a_problem(tmp_path) -> None:
    scores_csv(tmp_path, [0.25, 0.75])
    config = self_test._TRAININGS[0]
    self_test._require_scores([0.250001, 0.75], tmp_path, config)
    with pytest.raises(self_test._Wrong, match="The scores differ"):
        self_test._require_scores([0.251, 0.75], tmp_path, config)
    (tmp_path / "images" / "2.png").touch()
    with pytest.raises(self_test._Wrong, match="other images"):
        self_test._require_scores([0.25, 0.75], tmp_path, config)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_passes_without_a_display_and_leaves_nothing(tmp_path) -> None:
    temporary, home = tmp_path / "temporary", tmp_path / "home"
    temporary.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment |= {"TMPDIR": str(temporary), paths.HOME_VARIABLE: str(home)}
    command = [sys.executable, "-m", "covid_desktop", "self-test"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert len(lines) > len(self_test.IMAGES)
    assert "ok     Check of the data" in lines
    assert done.returncode == 0
    assert list(temporary.iterdir()) == []
    assert not (home / "data").exists()
    assert not (home / "cache" / "features").exists()
    assert not (home / "cache" / "survey").exists()
