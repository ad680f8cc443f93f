"""What is remembered between two starts."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from covid_desktop.gui.settings import Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def reopened(settings: Settings, file: Path) -> Settings:
    settings.save()
    return Settings(file)


def test_nothing_is_known_at_first(file: Path) -> None:
    settings = Settings(file)
    assert settings.text("tab") == ""
    assert settings.text("tab", "data") == "data"
    assert settings.state("geometry").isEmpty()
    assert settings.recent("folders") == []


@pytest.mark.parametrize("text", ["dark", "a, b; c = d", "Lungen-Übersicht", r"C:\Images\x"])
def test_text_is_kept_as_it_is(file: Path, text: str) -> None:
    settings = Settings(file)
    settings.set_text("last/images", text)
    assert reopened(settings, file).text("last/images") == text


def test_a_widget_s_state_is_kept(file: Path) -> None:
    settings = Settings(file)
    settings.set_state("geometry", QByteArray(b"\0\1state"))
    assert reopened(settings, file).state("geometry") == QByteArray(b"\0\1state")


@pytest.mark.parametrize("count", [1, 3])
def test_recent_paths_come_newest_first(file: Path, tmp_path: Path, count: int) -> None:
    paths = [tmp_path / f"a, b {number}" for number in range(count)]
    settings = Settings(file)
    for path in paths:
        path.mkdir()
        settings.add_recent("folders", path)
    assert reopened(settings, file).recent("folders") == paths[::-1]


def test_a_path_used_again_moves_to_the_front(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first, second):
        path.mkdir()
    for path in (first, second, first):
        settings.add_recent("folders", path)
    assert settings.recent("folders") == [first, second]


def test_at_most_eight_are_kept_and_none_that_is_gone(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    paths = [tmp_path / str(number) for number in range(10)]
    for path in paths:
        path.mkdir()
        settings.add_recent("folders", path)
    assert settings.recent("folders") == paths[:1:-1]
    paths[9].rmdir()
    assert reopened(settings, file).recent("folders") == paths[8:1:-1]


def test_kinds_do_not_mix(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    settings.add_recent("folders", tmp_path)
    assert settings.recent("models") == []


def test_a_damaged_file_is_as_none(file: Path) -> None:
    file.write_bytes(b"\xff\xfe[recent\nfolders=@ByteArray(\0")
    settings = Settings(file)
    assert settings.recent("folders") == []
    assert settings.text("tab", "data") == "data"
