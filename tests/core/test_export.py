"""What goes beside an exported model: a readme that is right, and a card without hashes."""

import math
import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core.export import FORMATS, ExportKind, shared_card
from covid_desktop.core.export_place import CARD, README, beside, export_place
from covid_desktop.core.export_readme import WIDTH, example, readme
from covid_desktop.core.image import read_image
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Fit, Preprocessing
from covid_desktop.errors import UserError

EACH = pytest.mark.parametrize("kind", list(FORMATS))
FILES = [kind for kind in FORMATS if FORMATS[kind].ending]


@pytest.fixture
def card(reported: SimpleNamespace) -> ModelCard:
    return reported.card


def words(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


# --- the readme


@EACH
def test_the_readme_has_every_number_that_an_answer_needs(kind: ExportKind, card: ModelCard) -> None:
    text = words(readme(card, kind, "model", "card.json"))
    assert "Research use only" in text
    assert "Negative: Healthy. Positive: COVID-19." in text
    assert "Threshold: 0.25 (Youden index, on north)." in text
    assert "from 0.2 to 0.3, both included" in text
    assert "128, 128, 1" in text
    assert "values from 0 to 255" in text
    assert ("any number of images" in text) == (kind != "litert")


def test_its_formula_of_calibration_is_the_cards(card: ModelCard) -> None:
    text = words(readme(card, "onnx", "model.onnx", "card.json"))
    found = re.search(r"is (1 / \(1 \+ exp.+\)), where s is", text)
    assert found is not None
    for score in (0.01, 0.5, 0.93):
        value = eval(found[1], {"exp": math.exp, "log": math.log, "s": score})
        assert value == pytest.approx(card.probability_of(score), abs=1e-12)


def test_a_plain_model_has_no_band_and_no_probability(card: ModelCard) -> None:
    plain = replace(card, calibration={}, indeterminate=None, threshold=0.5, threshold_origin="")
    text = words(readme(plain, "keras", "model.keras", "card.json"))
    assert "Threshold: 0.5. " in text
    assert "Indeterminate band: none." in text
    assert "no probability" in text


def test_lines_are_short_and_odd_names_do_no_harm(card: ModelCard) -> None:
    odd = replace(card, class_names=("Healthy\n'quoted'", "COVID\x07 {x}"))
    text = readme(odd, "onnx", "it's {mine}.onnx", "card.json")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "COVID\N{REPLACEMENT CHARACTER} {x}" in text
    assert '"it\'s {mine}.onnx"' in text


@EACH
def test_the_example_is_short_python(kind: ExportKind, card: ModelCard) -> None:
    code = example(card.preprocessing, kind, "model")
    compile(code, "example", "exec")
    assert len(code.split("\n")) <= 12
    assert textwrap.indent(code, "    ") in readme(card, kind, "model", "card.json")


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_its_pixels_are_those_of_the_program(
    fit: Fit, channels: int, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preprocessing = Preprocessing(width=44, height=36, channels=channels, fit=fit)
    grey = draw_phantom(3, positive=True, size=96).pixels[:80]
    picture = Image.fromarray(grey)
    if mode != "L":
        picture = Image.fromarray(np.stack([grey, grey[::-1], grey[:, ::-1]], axis=2)).convert(mode)
    picture.save(tmp_path / "image.png")
    monkeypatch.chdir(tmp_path)
    code = example(preprocessing, "onnx", "model").replace("import onnxruntime", "")
    space: dict[str, Any] = {}
    exec(code.partition("model =")[0], space)
    assert space["pixels"].dtype == np.float32
    np.testing.assert_array_equal(space["pixels"][0], read_image(tmp_path / "image.png", preprocessing))


# --- the card


def test_a_shared_card_has_no_hashes_and_is_still_a_card(reported: SimpleNamespace) -> None:
    text = shared_card(reported.card).to_text()
    assert not [secret for secret in reported.secrets if secret in text]
    assert '"sha256"' not in text
    shared = ModelCard.from_text(text)
    assert shared.data["training"] == {"negative": 40, "positive": 30}
    assert replace(shared, data=reported.card.data) == reported.card


# --- the place


@pytest.mark.parametrize("kind", FILES)
def test_a_file_has_its_readme_and_card_beside_it(kind: ExportKind, card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / f"model{FORMATS[kind].ending}"
    with export_place(path, kind, card) as temporary:
        temporary.write_bytes(b"model")
        assert not path.exists()
    for_readme, for_card = beside(path)
    assert {*tmp_path.iterdir()} == {path, for_readme, for_card}
    assert path.read_bytes() == b"model"
    assert path.name in for_readme.read_text(encoding="utf-8")
    assert ModelCard.from_text(for_card.read_text(encoding="utf-8")) == shared_card(card)


def test_a_folder_has_them_inside(card: ModelCard, tmp_path: Path) -> None:
    for content in (b"first", b"second"):  # its own folder it may replace
        with export_place(tmp_path / "model", "saved_model", card) as folder:
            (folder / "saved_model.pb").write_bytes(content)
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]
    assert {entry.name for entry in (tmp_path / "model").iterdir()} == {"saved_model.pb", README, CARD}
    assert (tmp_path / "model" / "saved_model.pb").read_bytes() == b"second"


@EACH
@pytest.mark.parametrize("error", [RuntimeError("crash"), KeyboardInterrupt(), OSError(28, "No space left")])
def test_a_crash_leaves_what_was_there(
    kind: ExportKind, error: BaseException, card: ModelCard, tmp_path: Path
) -> None:
    path = tmp_path / f"model{FORMATS[kind].ending}"
    for failure in (None, error):
        before = contents(tmp_path)
        expected = UserError if isinstance(failure, OSError) else type(failure)
        try:
            with export_place(path, kind, card) as place:
                (place / "saved_model.pb" if place.is_dir() else place).write_text(str(failure))
                if failure:
                    raise failure
        except expected:
            assert contents(tmp_path) == before
    assert before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def others_file(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").touch()


def mixed(path: Path) -> None:
    path.mkdir()
    for name in (CARD, "saved_model.pb", "thesis.txt"):
        (path / name).touch()


def another_saved_model(path: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").touch()


@pytest.mark.parametrize("make", [others_file, mixed, another_saved_model, Path.touch])
def test_what_is_not_ours_is_never_replaced(
    make: Callable[[Path], None], card: ModelCard, tmp_path: Path
) -> None:
    path = tmp_path / "model"
    make(path)
    before = contents(tmp_path)
    with pytest.raises(UserError, match="model"), export_place(path, "saved_model", card):
        pytest.fail("it was begun")
    assert contents(tmp_path) == before


def test_an_empty_folder_may_be_filled(card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with export_place(tmp_path / "model", "saved_model", card):
        pass
    assert (tmp_path / "model" / README).is_file()


@EACH
def test_a_place_that_is_not_there_is_said(kind: ExportKind, card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / "missing" / f"model{FORMATS[kind].ending}"
    with pytest.raises(UserError, match="could not be written"), export_place(path, kind, card):
        pytest.fail("it was begun")
