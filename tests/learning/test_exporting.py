"""A model gives the same scores in every format, by that format's own runtime and the readme's example."""

import contextlib
import io
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from PIL import Image

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import EpochEnded, Event, Progress, ignore, never
from covid_desktop.core.export import FORMATS, ExportKind
from covid_desktop.core.export_place import README, beside
from covid_desktop.core.export_readme import EXAMPLE
from covid_desktop.core.image import read_image
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError, Stopped
from covid_desktop.learning import exporting
from covid_desktop.learning.architectures import build
from covid_desktop.learning.classifier import Classifier
from covid_desktop.learning.exporting import check_pictures, export
from covid_desktop.learning.onnx_format import IR_VERSION, OPSET, MaxPool, onnx_scores, to_onnx
from covid_desktop.learning.pretrained import feature_function, load_imagenet_weights, standardize

SAME = 1e-5
WIDTH, HEIGHT = 44, 52  # not square: flattened in a wrong order, the scores are others
CHANNELS = {"small-cnn": 1, "reference-cnn": 3, "efficientnet-lite0": 3}
EACH = pytest.mark.parametrize("architecture", list(CHANNELS))
EACH_KIND = pytest.mark.parametrize("kind", list(FORMATS))
Made = Callable[[str], Path]
Exported = Callable[[str, ExportKind], exporting.Export]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The file of a network of each architecture, whose scores of pictures differ much."""
    folder = tmp_path_factory.mktemp("models")

    def make(architecture: str) -> Path:
        path = folder / f"{architecture}.keras"
        if not path.exists():
            preprocessing = Preprocessing(width=WIDTH, height=HEIGHT, channels=CHANNELS[architecture])
            card = ModelCard(
                architecture=architecture,
                class_names=("Healthy", "COVID-19"),
                preprocessing=preprocessing,
                config=TrainingConfig(architecture=architecture).resolved(),
                data={"training": {"negative": 1, "positive": 1, "sha256": ["ab" * 32]}},
            )
            Classifier(network(architecture, preprocessing), card).save(path)
        return path

    return make


def network(architecture: str, preprocessing: Preprocessing) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build(architecture, preprocessing)
    if architecture == "efficientnet-lite0":
        load_imagenet_weights(model)
        standardize(model, feature_function(model)(check_pictures(preprocessing)))
    score = model.get_layer("score")
    random = np.random.default_rng(0)
    spread = (20 if architecture == "reference-cnn" else 2) / score.kernel.shape[0] ** 0.5
    score.set_weights([random.normal(scale=spread, size=score.kernel.shape), np.full(1, 0.1)])
    for layer in model.layers:
        if layer.name.endswith("convolution") and architecture != "efficientnet-lite0":
            layer.set_weights([layer.get_weights()[0], random.normal(scale=0.1, size=layer.bias.shape)])
    return model


@pytest.fixture(scope="module")
def exported(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Each model in each format, once."""
    done: dict[tuple[str, ExportKind], exporting.Export] = {}
    folder = tmp_path_factory.mktemp("exports")

    def give(architecture: str, kind: ExportKind) -> exporting.Export:
        if (architecture, kind) not in done:
            path = folder / f"{architecture}-{kind}{FORMATS[kind].ending}"
            source = made(architecture)
            done[architecture, kind] = export(Classifier.load(source), source, path, kind, ignore, never)
        return done[architecture, kind]

    return give


def named(folder: Path, kind: ExportKind) -> Path:
    return folder / f"model{FORMATS[kind].ending}"


def pixels_of(classifier: Classifier) -> np.ndarray:
    return check_pictures(classifier.card.preprocessing)


# --- the same scores


@EACH
@EACH_KIND
def test_the_check_found_the_same_scores(architecture: str, kind: ExportKind, exported: Exported) -> None:
    done = exported(architecture, kind)
    assert done.kind == kind
    assert done.largest_difference <= SAME


@EACH
def test_the_pictures_of_the_check_have_scores_that_differ(architecture: str, made: Made) -> None:
    classifier = Classifier.load(made(architecture))
    scores = classifier.scores(pixels_of(classifier))
    assert scores.shape == (exporting.RADIOGRAPHS + 1,)
    assert np.ptp(scores) > 0.01
    assert scores.min() > 0.001
    assert scores.max() < 0.999


@EACH
def test_onnx_runtime_gives_the_same_scores(architecture: str, made: Made, exported: Exported) -> None:
    classifier = Classifier.load(made(architecture))
    pixels = pixels_of(classifier)
    session = onnxruntime.InferenceSession(str(exported(architecture, "onnx").path))
    assert [(one.name, one.shape) for one in session.get_inputs()] == [
        ("pixels", ["n", HEIGHT, WIDTH, CHANNELS[architecture]])
    ]
    assert [(one.name, one.shape) for one in session.get_outputs()] == [("score", ["n", 1])]
    for count in (1, 3, len(pixels)):
        (scores,) = session.run(["score"], {"pixels": pixels[:count].astype(np.float32)})
        np.testing.assert_allclose(scores[:, 0], classifier.scores(pixels[:count]), rtol=0, atol=SAME)


@EACH
def test_the_saved_model_scores_any_number(architecture: str, made: Made, exported: Exported) -> None:
    classifier = Classifier.load(made(architecture))
    pixels = pixels_of(classifier)
    loaded = tf.saved_model.load(str(exported(architecture, "saved_model").path))
    score = loaded.signatures["serving_default"]
    assert set(score.structured_input_signature[1]) == {"pixels"}
    for count in (1, len(pixels)):
        scores = score(pixels=tf.constant(pixels[:count], tf.float32))["score"]
        np.testing.assert_allclose(scores.numpy()[:, 0], classifier.scores(pixels[:count]), rtol=0, atol=SAME)


@EACH
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_litert_keeps_every_weight_as_it_is(architecture: str, made: Made, exported: Exported) -> None:
    interpreter = tf.lite.Interpreter(model_path=str(exported(architecture, "litert").path))
    types = {detail["dtype"] for detail in interpreter.get_tensor_details() if detail["shape"].size > 1}
    assert types == {np.float32}
    (signature,) = interpreter.get_signature_list().values()
    assert signature == {"inputs": ["pixels"], "outputs": ["score"]}


@EACH
@EACH_KIND
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_the_readmes_example_gives_the_programs_score(
    architecture: str,
    kind: ExportKind,
    made: Made,
    exported: Exported,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = exported(architecture, kind).path
    picture = draw_phantom(5, positive=True, size=200).pixels[:150]
    Image.fromarray(picture).save(tmp_path / "image.png")
    (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    litert = ModuleType("ai_edge_litert.interpreter")  # the same code, as a package without TensorFlow
    litert.Interpreter = tf.lite.Interpreter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ai_edge_litert", ModuleType("ai_edge_litert"))
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", litert)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(example_in(path, kind), {})
    classifier = Classifier.load(made(architecture))
    pixels = read_image(tmp_path / "image.png", classifier.card.preprocessing)
    assert float(printed.getvalue()) == pytest.approx(classifier.scores(pixels[None])[0], abs=SAME)


def example_in(path: Path, kind: ExportKind) -> str:
    """The indented lines under the readme's last title."""
    file = beside(path)[0] if FORMATS[kind].ending else path / README
    lines = file.read_text(encoding="utf-8").partition(EXAMPLE)[2].splitlines()
    return textwrap.dedent("\n".join(line for line in lines if line.startswith("    ")))


# --- what is written


@EACH
def test_the_onnx_graph_is_valid_and_of_its_own_version(architecture: str, exported: Exported) -> None:
    model = onnx.load(exported(architecture, "onnx").path)
    onnx.checker.check_model(model, full_check=True)
    assert [opset.version for opset in model.opset_import] == [OPSET] == [17]
    assert model.ir_version == IR_VERSION
    assert {node.domain for node in model.graph.node} == {""}


def test_a_layer_that_onnx_does_not_get_is_said() -> None:
    pixels = keras.layers.Input((8, 8, 1), name="pixels")
    model = keras.Model(pixels, keras.layers.UpSampling2D()(pixels))
    with pytest.raises(ModelError, match="UpSampling2D"):
        to_onnx(model)


def test_our_pooling_is_onnxs(noise: Callable[..., np.ndarray]) -> None:
    pixels = noise(2, 3, 13, 10).astype(np.float32)
    made = onnx.helper.make_model(
        onnx.helper.make_graph(
            [onnx.helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[4, 3], strides=[4, 3])],
            "pooling",
            [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, pixels.shape)],
            [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        )
    )
    ours, theirs = (
        onnx.reference.ReferenceEvaluator(made, new_ops=ops).run(None, {"x": pixels})[0]
        for ops in ([MaxPool], [])
    )
    np.testing.assert_array_equal(ours, theirs)


def test_the_keras_file_is_copied_as_it_is(made: Made, exported: Exported) -> None:
    assert exported("small-cnn", "keras").path.read_bytes() == made("small-cnn").read_bytes()


def test_no_hash_of_an_image_is_beside_it(exported: Exported) -> None:
    path = exported("small-cnn", "onnx").path
    assert "ab" * 32 not in "".join(each.read_text(encoding="utf-8") for each in beside(path))


# --- all or nothing


@EACH_KIND
def test_other_scores_are_refused_and_leave_nothing(kind: ExportKind, made: Made, tmp_path: Path) -> None:
    classifier = Classifier.load(made("small-cnn"))
    original = classifier.scores

    def off(pixels: np.ndarray) -> np.ndarray:
        return original(pixels) + 2e-4

    classifier.scores = off  # type: ignore[method-assign]
    with pytest.raises(ModelError, match="other scores"):
        export(classifier, made("small-cnn"), named(tmp_path, kind), kind, ignore, never)
    assert list(tmp_path.iterdir()) == []


def test_scores_that_are_no_numbers_are_refused(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting._SCORES, "onnx", lambda path, pixels: np.full(1, np.nan))  # type: ignore[arg-type]
    source = made("small-cnn")
    with pytest.raises(ModelError, match="other scores"):
        export(Classifier.load(source), source, tmp_path / "model.onnx", "onnx", ignore, never)
    assert list(tmp_path.iterdir()) == []


def test_what_a_converter_raises_is_said(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("of a converter")

    monkeypatch.setattr(exporting, "write_litert", fail)
    source = made("small-cnn")
    with pytest.raises(ModelError, match="could not be exported as LiteRT") as caught:
        export(Classifier.load(source), source, tmp_path / "model.tflite", "litert", ignore, never)
    assert "of a converter" in caught.value.details
    assert list(tmp_path.iterdir()) == []


@EACH_KIND
def test_stopping_leaves_nothing(kind: ExportKind, made: Made, tmp_path: Path) -> None:
    events: list[Event] = []
    source = made("small-cnn")
    with pytest.raises(Stopped):
        export(
            Classifier.load(source), source, named(tmp_path, kind), kind, events.append, lambda: bool(events)
        )
    assert [type(event) for event in events] == [Progress]
    assert list(tmp_path.iterdir()) == []


def test_a_model_file_that_is_gone_is_said(made: Made, tmp_path: Path) -> None:
    classifier = Classifier.load(made("small-cnn"))
    with pytest.raises(ModelError, match=r"There is no file gone\.keras"):
        export(classifier, tmp_path / "gone.keras", tmp_path / "model.keras", "keras", ignore, never)
    assert list(tmp_path.iterdir()) == []


# --- quietly, and beside a training


@EACH_KIND
def test_nothing_is_said_and_nothing_stays_in_temp(
    kind: ExportKind,
    made: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    source = made("small-cnn")
    classifier = Classifier.load(source)
    capfd.readouterr()
    export(classifier, source, named(tmp_path, kind), kind, ignore, never)
    assert capfd.readouterr() == ("", "")
    assert list(temp.iterdir()) == []


def test_models_are_exported_while_another_trains(
    made: Made, start_run: Any, make_config: Any, tmp_path: Path
) -> None:
    fitting, exported_one = threading.Event(), threading.Event()
    source = made("small-cnn")
    done: list[exporting.Export] = []

    def export_each() -> None:
        assert fitting.wait(60)
        classifier = Classifier.load(source)
        for kind in FORMATS:
            done.append(export(classifier, source, named(tmp_path, kind), kind, ignore, never))
            exported_one.set()

    def hear(event: Event) -> None:
        fitting.set()
        if isinstance(event, EpochEnded):
            assert exported_one.wait(60)

    with ThreadPoolExecutor(1) as pool:
        exporting_each = pool.submit(export_each)
        try:
            start_run(make_config("small-cnn", epochs=4), tmp_path / "store", emit=hear)
        finally:
            fitting.set()
        exporting_each.result(60)
    assert max(each.largest_difference for each in done) <= SAME
    assert [each.kind for each in done] == list(FORMATS)


def test_onnx_scores_are_of_each_picture(made: Made, exported: Exported) -> None:
    classifier = Classifier.load(made("small-cnn"))
    pixels = pixels_of(classifier)
    scores = onnx_scores(exported("small-cnn", "onnx").path, pixels)
    np.testing.assert_allclose(scores, classifier.scores(pixels), rtol=0, atol=SAME)
