"""What is known of an image without looking at the lungs: how its file was made, and its exposure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.words import percent

_LEAST_OF_KIND = 5  # a word that fewer images have tells nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """``value`` gives numbers, or a word of which there are few; ``words`` says it of one or many images.

    The disease itself may change one that is not ``of_file``.
    """

    key: str
    title: str
    value: Callable[[ImageFacts], tuple[float, ...] | str]
    words: Callable[[Sequence[ImageFacts]], str]
    of_file: bool = True


def _bytes_per_pixel(facts: ImageFacts) -> float:
    return facts.file_bytes / (facts.width * facts.height)


def _size_words(images: Sequence[ImageFacts]) -> str:
    width, height = median(one.width for one in images), median(one.height for one in images)
    return f"{width:.0f} x {height:.0f} pixels"


def _number_words(form: str, number: Callable[[ImageFacts], float]) -> Callable[[Sequence[ImageFacts]], str]:
    return lambda images: form.format(median(map(number, images)))


def _word_words(word: Callable[[ImageFacts], str]) -> Callable[[Sequence[ImageFacts]], str]:
    def words(images: Sequence[ImageFacts]) -> str:
        (most, count), *_ = Counter(map(word, images)).most_common(1)
        share = "" if count == len(images) else f" ({percent(count / len(images))})"
        return (most or "not said") + share

    return words


PROPERTIES = (
    Property(
        key="size",
        title="The size in pixels",
        value=lambda facts: (np.log(facts.width), np.log(facts.height)),
        words=_size_words,
    ),
    Property(
        key="aspect",
        title="The aspect ratio",
        value=lambda facts: (np.log(facts.width / facts.height),),
        words=_number_words("{:.2f}", lambda facts: facts.width / facts.height),
    ),
    Property(
        key="file-type",
        title="The file type",
        value=lambda facts: facts.format,
        words=_word_words(lambda facts: facts.format),
    ),
    Property(
        key="bytes-per-pixel",
        title="The size of the file for each pixel",
        value=lambda facts: (np.log(_bytes_per_pixel(facts)),),
        words=_number_words("{:.2f} bytes a pixel", _bytes_per_pixel),
    ),
    Property(
        key="bit-depth",
        title="The bit depth",
        value=lambda facts: (float(facts.bits),),
        words=_number_words("{:.0f} bit", lambda facts: facts.bits),
    ),
    Property(
        key="maker",
        title="The maker of the machine",
        value=lambda facts: facts.make,
        words=_word_words(lambda facts: facts.make),
    ),
    Property(
        key="view",
        title="The view position",
        value=lambda facts: facts.view,
        words=_word_words(lambda facts: facts.view),
    ),
    Property(
        key="colour",
        title="The share of colour",
        value=lambda facts: (facts.colour,),
        words=lambda images: f"{percent(median(one.colour for one in images))} coloured",
    ),
    Property(
        key="brightness",
        title="The mean brightness",
        value=lambda facts: (facts.mean,),
        words=_number_words("{:.0f} of 255", lambda facts: facts.mean),
        of_file=False,
    ),
    Property(
        key="contrast",
        title="The contrast (standard deviation)",
        value=lambda facts: (facts.contrast,),
        words=_number_words("{:.0f} grey levels", lambda facts: facts.contrast),
        of_file=False,
    ),
)


def columns(properties: Sequence[Property], images: Sequence[ImageFacts]) -> NDArray[np.float64]:
    """Numbers for a model: (images, columns), those that vary; a column of 0 and 1 for each word."""
    table = np.hstack([_columns([prop.value(facts) for facts in images]) for prop in properties])
    return np.asarray(table[:, np.ptp(table, axis=0) > 0])


def _columns(values: list[tuple[float, ...] | str]) -> NDArray[np.float64]:
    if not isinstance(values[0], str):
        return np.array(values, np.float64)
    kinds = [kind for kind, count in Counter(values).items() if count >= _LEAST_OF_KIND]
    return np.array([[value == kind for kind in kinds] for value in values], np.float64)
