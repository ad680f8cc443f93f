"""The formats that a model can be exported in, and what goes beside the model in each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from covid_desktop.core.model_card import ModelCard

ExportKind = Literal["keras", "saved_model", "litert", "onnx"]

INPUT, OUTPUT = "pixels", "score"
"""What the one input and the one output are called in every format."""

SIGNATURE = "serving_default"
"""The function of a SavedModel and of a LiteRT file that gives the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """``ending`` is of the file's name, empty for a folder; ``packages`` are what pip calls its runtime.

    ``batch`` says in words how many images one call may score.
    """

    title: str
    description: str
    ending: str
    packages: str
    batch: str = "any number of images in one call"


FORMATS: Mapping[ExportKind, ExportFormat] = {
    "keras": ExportFormat(
        title="Keras",
        description="The model's file as it is, for Keras and for this program.",
        ending=".keras",
        packages="tensorflow keras",
    ),
    "saved_model": ExportFormat(
        title="TensorFlow SavedModel",
        description="A folder, for TensorFlow and TensorFlow Serving.",
        ending="",
        packages="tensorflow",
    ),
    "litert": ExportFormat(
        title="LiteRT",
        description="A .tflite file, for phones and small computers. Nothing is rounded.",
        ending=".tflite",
        packages="ai-edge-litert",
        batch="one image in one call",
    ),
    "onnx": ExportFormat(
        title="ONNX",
        description="An .onnx file, for ONNX Runtime and many other programs.",
        ending=".onnx",
        packages="onnxruntime",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An exported model. ``largest_difference`` is how far its scores were off the model's in the check."""

    path: Path
    kind: ExportKind
    largest_difference: float


def shared_card(card: ModelCard) -> ModelCard:
    """The card without the content hashes of the images."""
    data = {
        name: {key: value for key, value in facts.items() if key != "sha256"}
        if isinstance(facts, dict)
        else facts
        for name, facts in card.data.items()
    }
    return replace(card, data=data)
