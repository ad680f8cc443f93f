"""The card in a model's file is read and replaced without the network; the rest stays as it was."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

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
