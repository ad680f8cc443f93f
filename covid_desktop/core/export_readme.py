"""The readme of an exported model: how to feed it and how to read its score, without this program."""

import textwrap
from collections.abc import Sequence

from covid_desktop import __version__
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.calibration import Calibration
from covid_desktop.core.document import printable
from covid_desktop.core.export import FORMATS, INPUT, OUTPUT, SIGNATURE, ExportKind
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.preprocessing import Fit, Preprocessing

WIDTH = 100
EXAMPLE = "Example in Python"
_RESEARCH_USE = "Research use only. Not a medical device, not for diagnosis."

_FITS: dict[Fit, str] = {
    "stretch": "to {size} pixels (width x height); the aspect ratio is not kept",
    "pad": "until it fits into {size} pixels (width x height), the aspect ratio kept, with black around it",
    "crop": "until it covers {size} pixels (width x height), the aspect ratio kept, and cut to its middle",
}
_RESIZES: dict[Fit, str] = {
    "stretch": "picture.resize({size}, Image.Resampling.BILINEAR)",
    "pad": "ImageOps.pad(picture, {size}, Image.Resampling.BILINEAR)",
    "crop": "ImageOps.fit(picture, {size}, Image.Resampling.BILINEAR)",
}
_DECODING = (
    "Decode the first frame to 8 bits, black to white as on the screen, and turn it as its EXIF orientation "
    "says. Transparent parts are put over black.",
    "Deeper pictures: integers from 0 to 65535 are multiplied by 255 / (2^b - 1), where b is the smallest of "
    "8, 10, 12, 14 and 16 bits that holds the picture's maximum; floats within 0 to 1 are multiplied by 255; "
    "all others are stretched from their minimum..maximum to 0..255. The result is rounded.",
    "DICOM: the modality LUT, or rescale slope and intercept; then the first VOI LUT, else the first window "
    "(center and width, by its VOI LUT function), else for CT the window of center -600 and width 1500, else "
    "minimum..maximum, to 0..255, rounded; MONOCHROME1 is then inverted.",
)
_IMPORTS: dict[ExportKind, Sequence[str]] = {
    "keras": ("import keras",),
    "saved_model": ("import tensorflow as tf",),
    "litert": ("from ai_edge_litert.interpreter import Interpreter  # or tf.lite.Interpreter",),
    "onnx": ("import onnxruntime",),
}
_CALLS: dict[ExportKind, Sequence[str]] = {
    "keras": (
        "model = keras.models.load_model({name!r})",
        "score = float(model.predict(pixels, verbose=0)[0, 0])",
    ),
    "saved_model": (
        "model = tf.saved_model.load({name!r})",
        f'score = float(model.signatures["{SIGNATURE}"]({INPUT}=tf.constant(pixels))["{OUTPUT}"][0, 0])',
    ),
    "litert": (
        "model = Interpreter(model_path={name!r})",
        f'score = float(model.get_signature_runner("{SIGNATURE}")({INPUT}=pixels)["{OUTPUT}"][0, 0])',
    ),
    "onnx": (
        "model = onnxruntime.InferenceSession({name!r})",
        f'score = float(model.run(["{OUTPUT}"], {{{{"{INPUT}": pixels}}}})[0][0, 0])',
    ),
}


def readme(card: ModelCard, kind: ExportKind, name: str, card_name: str) -> str:
    """Plain text beside the model ``name``, whose card is in ``card_name``."""
    format_ = FORMATS[kind]
    network = ARCHITECTURES[card.architecture].title
    what = f"{network}, an image classifier, exported as {format_.title} by covid-desktop {__version__}."
    sections = {
        "Classes": _classes(card),
        "Input and output": _input_and_output(card.preprocessing, kind),
        "From the score to an answer": _answer(card),
        "From a file to pixels": _pixels(card.preprocessing),
        EXAMPLE: [
            "For pictures of 8 bits a channel. Put yours beside the model as image.png.",
            f"It needs: pip install numpy pillow {format_.packages}",
        ],
    }
    lines = [printable(name), "", *_wrapped([what, _RESEARCH_USE])]
    for title, texts in sections.items():
        lines += ["", title, "-" * len(title), *_wrapped(texts)]
    lines += ["", textwrap.indent(example(card.preprocessing, kind, name), "    ")]
    lines += _wrapped([f"{printable(card_name)} is the model's card: settings, metrics, findings, versions."])
    return "\n".join(lines) + "\n"


def example(preprocessing: Preprocessing, kind: ExportKind, name: str) -> str:
    """Python that prints the score of image.png by the model ``name``, both in the working folder."""
    height, width, channels = preprocessing.shape
    mode = "L" if channels == 1 else "RGB"
    lines = [
        "import numpy as np",
        *_IMPORTS[kind],
        "from PIL import Image, ImageOps",
        "",
        f'picture = ImageOps.exif_transpose(Image.open("image.png")).convert("{mode}")',
        f"picture = {_RESIZES[preprocessing.fit].format(size=(width, height))}",
        f"pixels = np.asarray(picture, np.float32).reshape(1, {height}, {width}, {channels})",
        *(line.format(name=name) for line in _CALLS[kind]),
        "print(score)",
    ]
    return "\n".join(lines) + "\n"


def _classes(card: ModelCard) -> list[str]:
    negative, positive = map(printable, card.class_names)
    return [
        f"Negative: {negative}. Positive: {positive}.",
        f"The score, 0 to 1, is of {positive}: the higher, the more it speaks for {positive}.",
    ]


def _input_and_output(preprocessing: Preprocessing, kind: ExportKind) -> list[str]:
    height, width, channels = preprocessing.shape
    images = "1" if kind == "litert" else "n"
    return [
        f'Input "{INPUT}": float32 ({images}, {height}, {width}, {channels}), which is image, row, column, '
        f"{'grey' if channels == 1 else 'red, green and blue'}; values from 0 to 255. "
        "The network scales them itself: do not scale them further.",
        f'Output "{OUTPUT}": float32 ({images}, 1).',
        f"It takes {FORMATS[kind].batch}.",
    ]


def _answer(card: ModelCard) -> list[str]:
    negative, positive = map(printable, card.class_names)
    origin = f" ({printable(card.threshold_origin)})" if card.threshold_origin else ""
    lines = [
        f"Threshold: {card.threshold!r}{origin}. A score at or above it means {positive}, below {negative}."
    ]
    if card.indeterminate is None:
        lines.append("Indeterminate band: none.")
    else:
        low, high = card.indeterminate
        lines.append(
            f"Indeterminate band: a score from {low!r} to {high!r}, both included, means neither class."
        )
    if card.calibration:
        found = Calibration.from_json(card.calibration)
        lines.append(
            f"Calibration: the probability of {positive} is "
            f"1 / (1 + exp(-({found.slope!r} * log(s / (1 - s)) + ({found.intercept!r})))), "
            "where s is the score kept within 1e-7 and 1 - 1e-7."
        )
    else:
        lines.append("Calibration: none, so the score is no probability.")
    lines.append(
        "covid-desktop also looks at whether an image is like the training images before it is scored; "
        "the exported model scores whatever it is given."
    )
    return lines


def _pixels(preprocessing: Preprocessing) -> list[str]:
    size = f"{preprocessing.width} x {preprocessing.height}"
    colours = (
        "Make it grey: 0.299 red + 0.587 green + 0.114 blue, which is Pillow's mode L."
        if preprocessing.channels == 1
        else "Make it RGB; a grey picture gives three equal channels."
    )
    steps = [
        *_DECODING,
        colours,
        f"Resize it {_FITS[preprocessing.fit].format(size=size)}. The filter is bilinear with antialiasing, "
        "as Pillow's Image.resize with BILINEAR. The result is rounded to whole grey levels, 0 to 255.",
        "Nothing else: no further scaling, no mean to take off, no change of contrast.",
    ]
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def _wrapped(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False)]
