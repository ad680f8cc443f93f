"""What is known of an image without looking at the lungs."""

from dataclasses import replace

import numpy as np
import pytest

from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.properties import PROPERTIES, Property, columns

PLAIN = ImageFacts(
    sha256="",
    format="PNG",
    file_bytes=15_000,
    width=200,
    height=150,
    frames=1,
    bits=8,
    make="",
    view="",
    mean=63.0,
    contrast=26.0,
    colour=0.0,
    phash=bytes(18),
    thumbnail=bytes(64 * 64),
)


def the(key: str) -> Property:
    return next(prop for prop in PROPERTIES if prop.key == key)


def test_only_exposure_may_be_the_diseases_own_doing() -> None:
    assert {prop.key for prop in PROPERTIES if not prop.of_file} == {"brightness", "contrast"}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("size", "200 x 150 pixels"),
        ("aspect", "1.33"),
        ("file-type", "PNG"),
        ("bytes-per-pixel", "0.50 bytes a pixel"),
        ("bit-depth", "8 bit"),
        ("maker", "not said"),
        ("view", "not said"),
        ("brightness", "63 of 255"),
        ("contrast", "26 grey levels"),
    ],
)
def test_each_property_in_words(key: str, words: str) -> None:
    assert the(key).words([PLAIN]) == words
    assert the(key).words([PLAIN, PLAIN]) == words


def test_the_words_for_many_images_are_their_median() -> None:
    images = [
        replace(PLAIN, width=width, mean=mean) for width, mean in ((100, 10.0), (300, 90.0), (900, 91.0))
    ]
    assert the("size").words(images) == "300 x 150 pixels"
    assert the("brightness").words(images) == "90 of 255"


def test_the_word_that_most_images_have_is_given_with_their_share() -> None:
    images = [
        replace(PLAIN, format=kind, make=kind if kind == "DICOM" else "") for kind in ("DICOM", *3 * ["PNG"])
    ]
    assert the("file-type").words(images) == "PNG (75 %)"
    assert the("maker").words(images) == "not said (75 %)"


def test_a_number_is_a_column() -> None:
    images = [replace(PLAIN, width=width) for width in (100, 200, 400)]
    table = columns([the("size"), the("brightness")], images)
    assert table.shape == (3, 1), "height and brightness are the same in all"
    assert np.ptp(np.diff(table[:, 0])) == pytest.approx(0), "doubling counts the same anywhere"


def test_each_word_is_a_column_of_zeros_and_ones() -> None:
    views = [*["AP"] * 5, *["PA"] * 6, *["LL"] * 7]
    table = columns([the("view")], [replace(PLAIN, view=view) for view in views])
    expected = [[float(view == kind) for kind in ("AP", "PA", "LL")] for view in views]
    assert table.tolist() == expected


def test_a_word_that_hardly_any_image_has_tells_nothing() -> None:
    views = [*["AP"] * 4, *["LL"] * 4, *[""] * 5]
    table = columns([the("view")], [replace(PLAIN, view=view) for view in views])
    assert table.tolist() == [[0.0]] * 8 + [[1.0]] * 5
    each_its_own = [replace(PLAIN, make=f"Maker {number}") for number in range(20)]
    assert columns([the("maker")], each_its_own).shape == (20, 0)


def test_images_that_are_alike_have_no_columns() -> None:
    assert columns(PROPERTIES, [PLAIN] * 9).shape == (9, 0)
