"""The card in a model's file is read and replaced without the network; the rest stays as it was."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from covid_desktop.core.model_archive import MAX_FILE_BYTES
from covid_desktop.core.model_file import CARD, WEIGHTS, read_card, rewrite_card
from covid_desktop.errors import ModelError, UserError

WEIGHT_BYTES = bytes(range(256)) * 40


@pytest.fixture
def model(tmp_path: Path, make_run: Callable[..., Path]) -> Path:
    path = make_run(tmp_path) / "model.keras"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(WEIGHTS, WEIGHT_BYTES)
    return path


def test_the_card_is_read(model: Path) -> None:
    card = read_card(model)
    assert (card.architecture, card.positive_class) == ("small-cnn", "COVID-19")


def test_another_card_takes_its_place_and_the_weights_stay(model: Path) -> None:
    card = replace(read_card(model), threshold=0.25)
    rewrite_card(model, card)
    assert read_card(model) == card
    with zipfile.ZipFile(model) as archive:
        assert sorted(archive.namelist()) == [CARD, WEIGHTS]
        assert archive.read(WEIGHTS) == WEIGHT_BYTES


def test_a_card_that_could_not_be_read_again_is_not_written(model: Path) -> None:
    before = model.read_bytes()
    with pytest.raises(ModelError):
        rewrite_card(model, replace(read_card(model), threshold=2.0))
    assert model.read_bytes() == before


def test_what_the_file_says_of_its_weights_stays(tmp_path: Path, make_run: Callable[..., Path]) -> None:
    path = make_run(tmp_path, weights_sha256="ab" * 32, golden=(0.1, 0.2, 0.3, 0.4)) / "model.keras"
    card = replace(read_card(path), threshold=0.25, weights_sha256="", golden=())
    rewrite_card(path, card)
    again = read_card(path)
    assert (again.threshold, again.weights_sha256, again.golden) == (0.25, "ab" * 32, (0.1, 0.2, 0.3, 0.4))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files here")
def test_what_is_no_file_is_said_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.keras")
    with pytest.raises(ModelError, match="There is no file"):
        read_card(tmp_path / "model.keras")


def test_a_file_beyond_the_limit_is_not_opened_as_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # a hole: it takes no space
    with pytest.raises(ModelError, match="too large to be a model"):
        read_card(path)


def test_damaged_weights_are_not_copied(model: Path) -> None:
    card = read_card(model)
    with zipfile.ZipFile(model) as archive:
        place = archive.getinfo(WEIGHTS).header_offset + 60
    content = bytearray(model.read_bytes())
    content[place] ^= 0xFF
    model.write_bytes(content)
    with pytest.raises(ModelError, match="is damaged"):
        rewrite_card(model, card)
    assert model.read_bytes() == content


def test_a_place_that_cannot_be_written_is_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(UserError, match=r"model\.keras could not be written: Permission denied"):
        rewrite_card(model, read_card(model))


def of_another_program(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WEIGHTS, b"")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.unlink, "There is no file"),
        (lambda path: path.write_bytes(b"no archive"), "is damaged or is not a model file"),
        (of_another_program, "it was not made by this program"),
    ],
    ids=["no file", "no archive", "no card"],
)
def test_what_is_no_model_is_said(model: Path, damage: Callable[[Path], object], words: str) -> None:
    damage(model)
    with pytest.raises(ModelError, match=words):
        read_card(model)
