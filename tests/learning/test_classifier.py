"""A saved model: the same score wherever it is asked for, whole or not there, harmless if it is hostile."""

import ast
import io
import json
import tempfile
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

import covid_desktop
from covid_desktop.core.events import EpochEnded, Event
from covid_desktop.core.image import read_image
from covid_desktop.core.model_card import MAX_CARD_BYTES
from covid_desktop.core.model_file import CARD, MAX_WEIGHTS_BYTES, WEIGHTS, read_card
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError, UserError
from covid_desktop.learning.classifier import Classifier

Runs = Callable[[str], Any]
Saved = Callable[[str], Path]
EACH = pytest.mark.parametrize("architecture", ["small-cnn", "efficientnet-lite0"])


@pytest.fixture(scope="module")
def saved(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The file of each architecture's trained model."""

    def save(architecture: str) -> Path:
        path = folder / f"{architecture}.keras"
        if not path.exists():
            runs(architecture).trained.classifier.save(path)
        return path

    folder = tmp_path_factory.mktemp("models")
    return save


def pixels_of(data: Any, preprocessing: Preprocessing) -> np.ndarray:
    """Every drawn image."""
    return np.stack([read_image(sample.path, preprocessing) for sample in data.dataset.samples])


# --- the same score everywhere


@EACH
def test_a_score_does_not_depend_on_the_batch_or_the_file(
    architecture: str, runs: Runs, saved: Saved, data: Any
) -> None:
    classifier = runs(architecture).trained.classifier
    pixels = pixels_of(data, classifier.card.preprocessing)
    scores = classifier.scores(pixels)
    assert scores.shape == (22,)
    assert scores.dtype == np.float64
    assert len(np.unique(scores)) > 15
    loaded = Classifier.load(saved(architecture))
    for other in (classifier, loaded):
        for size in (1, 2, 5, 16, 17, 22):
            parts = [other.scores(pixels[start : start + size]) for start in range(0, 22, size)]
            np.testing.assert_allclose(np.concatenate(parts), scores, atol=1e-5)
    assert loaded.scores(pixels[:0]).shape == (0,)


@EACH
def test_plain_keras_gives_the_same_score(architecture: str, runs: Runs, saved: Saved, data: Any) -> None:
    """As the card tells whoever has no more than the file and Keras."""
    with zipfile.ZipFile(saved(architecture)) as archive:
        card = json.loads(archive.read(CARD))
    model = keras.models.load_model(saved(architecture), custom_objects={}, safe_mode=True)
    pixels = pixels_of(data, Preprocessing(**card["preprocessing"]))
    scores = model.predict(pixels, verbose=0)
    np.testing.assert_allclose(scores[:, 0], runs(architecture).trained.classifier.scores(pixels), atol=1e-5)


@EACH
def test_the_file_is_a_standard_one(architecture: str, runs: Runs, saved: Saved) -> None:
    model = keras.models.load_model(saved(architecture), safe_mode=True)
    card = runs(architecture).trained.classifier.card
    assert model.input_shape == (None, *card.preprocessing.shape)
    assert model.output_shape == (None, 1)
    assert all(type(layer).__module__.startswith("keras.") for layer in model.layers)
    with zipfile.ZipFile(saved(architecture)) as archive:
        ours = {name for name in archive.namelist() if name.startswith("familiarity/")}
        assert ours == {"familiarity/features", "familiarity/typical"}
        assert sorted(set(archive.namelist()) - ours) == [CARD, "config.json", "metadata.json", WEIGHTS]
        assert archive.testzip() is None
        with h5py.File(archive.open(WEIGHTS)) as weights:
            assert "optimizer" not in weights


@EACH
def test_the_card_comes_back(architecture: str, runs: Runs, saved: Saved) -> None:
    path = saved(architecture)  # which gives the card the weights' hash
    card = runs(architecture).trained.classifier.card
    assert len(card.weights_sha256) == 64
    assert len(set(card.golden)) == 4
    assert read_card(path) == card
    assert Classifier.load(path).card == card


def test_a_copy_has_weights_of_its_own(runs: Runs, noise: Callable[..., np.ndarray]) -> None:
    classifier = runs("small-cnn").trained.classifier
    copy = classifier.copy(replace(classifier.card, threshold=0.3))
    pixels = noise(3, 40, 40, 1)
    before = classifier.scores(pixels)
    np.testing.assert_array_equal(copy.scores(pixels), before)
    copy.model.set_weights([weights * 0 for weights in copy.model.get_weights()])
    np.testing.assert_array_equal(copy.scores(pixels), [0.5] * 3)
    np.testing.assert_array_equal(classifier.scores(pixels), before)
    assert (copy.card.threshold, classifier.card.threshold) == (0.3, 0.5)


def test_another_thread_gets_right_scores_while_a_model_trains(
    saved: Saved, start_run: Any, make_config: Any, data: Any, tmp_path: Path
) -> None:
    expected = Classifier.load(saved("small-cnn"))
    pixels = pixels_of(data, expected.card.preprocessing)
    scores = expected.scores(pixels)
    fitting, scored, trained = threading.Event(), threading.Event(), threading.Event()
    answers: list[np.ndarray] = []

    def predict() -> None:
        assert fitting.wait(60)
        classifier = Classifier.load(saved("small-cnn"))
        while not trained.is_set():
            answers.append(classifier.scores(pixels))
            scored.set()

    def hear(event: Event) -> None:
        fitting.set()
        if isinstance(event, EpochEnded):
            assert scored.wait(60)

    with ThreadPoolExecutor(1) as pool:
        predicting = pool.submit(predict)
        try:
            start_run(make_config("small-cnn", epochs=4), tmp_path, emit=hear)
        finally:
            fitting.set()
            trained.set()
        predicting.result(60)
    assert len(answers) > 3
    np.testing.assert_allclose(answers, np.tile(scores, (len(answers), 1)), atol=1e-5)


# --- saving


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("place", ["weights", "card"])
def test_a_crash_while_saving_leaves_the_old_file(
    place: str, error: BaseException, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = runs("small-cnn").trained.classifier
    path = tmp_path / "model.keras"
    classifier.save(path)
    before = path.read_bytes()

    def crash(self: Any, target: Any, *rest: Any) -> None:
        if place == "weights":
            Path(target).write_bytes(b"half a model")
        raise error

    owner, name = (keras.Model, "save") if place == "weights" else (zipfile.ZipFile, "writestr")
    expected = UserError if isinstance(error, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, crash)
        with pytest.raises(expected):
            classifier.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_saving_where_there_is_no_folder_is_said(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model\.keras could not be written: No such file or directory"):
        runs("small-cnn").trained.classifier.save(tmp_path / "nowhere" / "model.keras")


# --- hostile and damaged files


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def changed_card(files: dict[str, bytes], **values: Any) -> dict[str, bytes]:
    return files | {CARD: json.dumps(json.loads(files[CARD]) | values).encode()}


def cut_off(path: Path, share: float) -> bytes:
    whole = path.read_bytes()
    return whole[: int(len(whole) * share)]


def with_flipped_bits(path: Path, name: str, share: float, bits: int) -> bytes:
    """With ``bits`` of the byte turned over that is at ``share`` of what the archive holds for ``name``."""
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(name)
    place = entry.header_offset + 30 + len(name) + int(entry.compress_size * share)
    whole[place] ^= bits
    return bytes(whole)


def declaring(files: dict[str, bytes], name: str, size: int) -> bytes:
    """An archive whose directory lies about how large a file is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for each, data in files.items():
            archive.writestr(each, data)
        archive.getinfo(name).file_size = size
    return stream.getvalue()


NOT_A_MODEL = "is damaged or is not a model file"
BAD_CARD = "card is damaged or was not written by this program"
TOO_LARGE = "is too large to be a model of this program"
HOSTILE: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "empty": (NOT_A_MODEL, lambda path: b""),
    "not an archive": (NOT_A_MODEL, lambda path: b"\x89PNG\r\n\x1a\n" * 50),
    "HDF5": (NOT_A_MODEL, lambda path: contents(path)[WEIGHTS]),
    "half": (NOT_A_MODEL, lambda path: cut_off(path, 0.5)),
    "all but the end": (NOT_A_MODEL, lambda path: cut_off(path, 0.99)),
    "bit flipped in the card": (NOT_A_MODEL, lambda path: with_flipped_bits(path, CARD, 0.5, 4)),
    "card that cannot be unpacked": (NOT_A_MODEL, lambda path: with_flipped_bits(path, CARD, 0, 2)),
    "bit flipped in the weights": (NOT_A_MODEL, lambda path: with_flipped_bits(path, WEIGHTS, 0.5, 4)),
    "no card": ("has no model card", lambda path: archive_of({WEIGHTS: contents(path)[WEIGHTS]})),
    "no weights": ("has a card and no weights", lambda path: archive_of({CARD: contents(path)[CARD]})),
    "card is no JSON": (BAD_CARD, lambda path: archive_of(contents(path) | {CARD: b"{"})),
    "unknown architecture": (
        BAD_CARD,
        lambda path: archive_of(changed_card(contents(path), architecture="resnet")),
    ),
    "architecture that the weights are not of": (
        BAD_CARD,
        lambda path: archive_of(changed_card(contents(path), architecture="reference-cnn")),
    ),
    "large weights": (TOO_LARGE, lambda path: declaring(contents(path), WEIGHTS, MAX_WEIGHTS_BYTES + 1)),
    "large card": (TOO_LARGE, lambda path: declaring(contents(path), CARD, MAX_CARD_BYTES + 1)),
}


@pytest.mark.parametrize(("message", "make"), HOSTILE.values(), ids=list(HOSTILE))
def test_a_file_that_is_no_model_is_said_and_harms_nothing(
    message: str,
    make: Callable[[Path], bytes],
    saved: Saved,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(make(saved("small-cnn")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ModelError) as caught:
        Classifier.load(path)
    assert message in caught.value.what
    assert caught.value.what.endswith(".")
    assert caught.value.fix
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_file_says_about_its_layers_is_not_looked_at(
    saved: Saved, tmp_path: Path, noise: Callable[..., np.ndarray]
) -> None:
    code = {"class_name": "Lambda", "config": {"function": "__import__('os').abort()"}}
    files = contents(saved("small-cnn")) | {"config.json": json.dumps(code).encode(), "metadata.json": b"?"}
    path = tmp_path / "model.keras"
    path.write_bytes(archive_of(files))
    pixels = noise(3, 40, 40, 1)
    expected = Classifier.load(saved("small-cnn")).scores(pixels)
    np.testing.assert_array_equal(Classifier.load(path).scores(pixels), expected)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "model.keras", tmp_path):
        with pytest.raises(ModelError, match=f"There is no file {path.name}"):
            Classifier.load(path)


FORBIDDEN = {"load_model", "model_from_json", "deserialize_keras_object", "enable_unsafe_deserialization"}


def test_the_program_never_lets_keras_build_what_a_file_says() -> None:
    """The self-test may: it opens the file that it has just saved itself."""
    sources = set(Path(covid_desktop.__file__).parent.rglob("*.py"))
    sources.remove(Path(covid_desktop.__file__).with_name("self_test.py"))
    owners = set()
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
                owners.add(ast.unparse(node.value))
            elif isinstance(node, ast.ImportFrom) and "keras" in (node.module or ""):
                assert FORBIDDEN.isdisjoint(alias.name for alias in node.names), source
    assert owners <= {"jobs", "self", "self._opening"}
    assert "jobs" in owners
