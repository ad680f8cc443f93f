"""Weights are read by this program as Keras would read them; their size is known without a network."""

import io
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from covid_desktop.core.network_size import weight_bytes
from covid_desktop.core.plain_hdf5 import Hdf5Error, find_arrays
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import build
from covid_desktop.learning.weights_file import load_weights, weight_paths

SMALL = Preprocessing(width=44, height=36, channels=1)
EACH = pytest.mark.parametrize(
    ("architecture", "preprocessing"),
    [
        ("small-cnn", SMALL),
        ("small-cnn", Preprocessing(width=128, height=97, channels=3)),
        ("reference-cnn", SMALL),
        ("efficientnet-lite0", Preprocessing(width=64, height=64, channels=3)),
    ],
)


def saved(model: keras.Model, folder: Path) -> bytes:
    model.save_weights(folder / "model.weights.h5")
    return (folder / "model.weights.h5").read_bytes()


def changed(model: keras.Model) -> None:
    random = np.random.default_rng(0)
    model.set_weights([random.random(weights.shape, np.float32) for weights in model.get_weights()])


@EACH
def test_they_are_read_as_keras_reads_them(
    architecture: str, preprocessing: Preprocessing, tmp_path: Path
) -> None:
    model, other = build(architecture, preprocessing), build(architecture, preprocessing)
    changed(model)
    content = saved(model, tmp_path)
    load_weights(other, content, "model.keras")
    for one, another in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)


@EACH
def test_the_size_is_known_without_the_network(architecture: str, preprocessing: Preprocessing) -> None:
    model = build(architecture, preprocessing)
    assert weight_bytes(architecture, preprocessing) == 4 * model.count_params()
    assert sum(map(len, weight_paths(model).values())) == len(model.weights)


@pytest.mark.parametrize(
    ("architecture", "size", "words"),
    [
        ("small-cnn", {"width": 31}, "from 32 to 512 pixels a side, not 31 x 64"),
        ("small-cnn", {"height": 513}, "from 32 to 512 pixels a side, not 64 x 513"),
        ("efficientnet-lite0", {"channels": 1}, "reads images of 3 channels, not 1"),
        ("resnet", {}, "no architecture named 'resnet'"),
    ],
)
def test_what_cannot_be_built_is_said(architecture: str, size: dict[str, int], words: str) -> None:
    values = {"width": 64, "height": 64, "channels": 3} | size
    with pytest.raises(ModelError, match=words):
        weight_bytes(architecture, Preprocessing(**values))


def test_refused_weights_leave_the_network_as_it_was(tmp_path: Path) -> None:
    model = build("small-cnn", SMALL)
    before = model.get_weights()
    content = bytearray(saved(model, tmp_path))
    last = find_arrays(bytes(content))["layers/dense_1/vars/1"]
    content[last.offset : last.offset + 4] = np.float32(np.nan).tobytes()
    with pytest.raises(ModelError, match=r"The weights in model\.keras are not all numbers\."):
        load_weights(model, bytes(content), "model.keras")
    for one, another in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)


def test_arrays_are_found_where_hdf5_has_them() -> None:
    """Also in groups of so many members that their tree has levels."""
    stream, random = io.BytesIO(), np.random.default_rng(0)
    expected = {f"a/{number}": random.random((number % 5 + 1, 2), np.float32) for number in range(400)}
    with h5py.File(stream, "w") as file:
        for path, values in expected.items():
            file[path] = values
        file["a"].attrs["name"] = "words that nobody reads"
        file.create_group("empty")
    content = stream.getvalue()
    found = find_arrays(content)
    assert found.keys() == expected.keys()
    for path, array in found.items():
        count = int(np.prod(array.shape))
        values = np.frombuffer(content, "<f4", count, array.offset).reshape(array.shape)
        np.testing.assert_array_equal(values, expected[path])


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_refused_or_does_no_harm(seed: int, tmp_path: Path) -> None:
    """Whatever bytes are changed, there is an answer soon: arrays inside the file, or a reason."""
    content = saved(build("small-cnn", SMALL), tmp_path)
    random = np.random.default_rng(seed)
    arrays = find_arrays(content).values()
    taken = np.zeros(len(content), bool)
    for array in arrays:
        taken[array.offset : array.offset + 4 * int(np.prod(array.shape))] = True
    places: Any = np.flatnonzero(~taken)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        for place in random.choice(places, random.integers(1, 20)):
            damaged[place] = random.integers(256)
        try:
            found = find_arrays(bytes(damaged))
        except Hdf5Error:
            refused += 1
            continue
        ends = [array.offset + 4 * int(np.prod(array.shape)) for array in found.values()]
        assert max(ends, default=0) <= len(content)
    assert refused > 30
