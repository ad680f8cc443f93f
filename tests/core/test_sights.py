"""What the small models of a shortcut audit see of an image, and what they do not."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.sights import blacked_out, file_properties, outer_frame, small_thumbnail

CHEST = draw_phantom(0, positive=True, size=64).pixels
PLAIN = ImageFacts(
    sha256="",
    format="PNG",
    file_bytes=5000,
    width=200,
    height=300,
    frames=1,
    bits=8,
    make="",
    view="",
    mean=63.0,
    contrast=26.0,
    colour=0.0,
    phash=bytes(18),
    thumbnail=CHEST.tobytes(),
)
INNER = slice(10, -10)  # of 64 pixels: all but the outer sixth
Sight = Callable[[Sequence[ImageFacts]], NDArray[np.float64]]


def with_centre(grey: int) -> ImageFacts:
    pixels = CHEST.copy()
    pixels[INNER, INNER] = grey
    return replace(PLAIN, thumbnail=pixels.tobytes())


def with_frame(grey: int) -> ImageFacts:
    pixels = np.full_like(CHEST, grey)
    pixels[INNER, INNER] = CHEST[INNER, INNER]
    return replace(PLAIN, thumbnail=pixels.tobytes())


def differ(sight: Sight, one: ImageFacts, other: ImageFacts) -> bool:
    seen, also_seen = sight([one, other])
    return not np.array_equal(seen, also_seen)


def test_the_outer_frame_sees_nothing_of_the_centre() -> None:
    assert not differ(outer_frame, PLAIN, with_centre(255))
    assert differ(outer_frame, PLAIN, with_frame(255))


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1), (32, 0), (0, 32), (9, 32), (32, -10)])
def test_the_outer_frame_sees_every_side(corner: tuple[int, int]) -> None:
    pixels = CHEST.copy()
    pixels[corner] ^= 128
    assert differ(outer_frame, PLAIN, replace(PLAIN, thumbnail=pixels.tobytes()))


def test_the_outer_frame_is_a_sixth_of_each_side_of_32_pixels() -> None:
    assert outer_frame([PLAIN] * 3).shape == (3, 32 * 32 - 22 * 22)


def test_the_small_thumbnail_sees_the_whole_picture_coarsely() -> None:
    assert differ(small_thumbnail, PLAIN, with_centre(255))
    assert differ(small_thumbnail, PLAIN, with_frame(255))
    (seen,) = small_thumbnail([PLAIN])
    assert seen.shape == (16 * 16,)
    assert seen[17] == CHEST[4:8, 4:8].mean()


@pytest.mark.parametrize("sight", [outer_frame, small_thumbnail])
def test_pictures_tell_nothing_of_their_files(sight: Sight) -> None:
    other = replace(PLAIN, format="JPEG", file_bytes=9, width=8, bits=16, make="A", view="AP", mean=1.0)
    assert not differ(sight, PLAIN, other)


def test_file_properties_see_no_grey_level() -> None:
    other = replace(with_centre(0), mean=1.0, contrast=2.0, sha256="a", phash=b"\1" * 18)
    assert not differ(file_properties, PLAIN, other)


@pytest.mark.parametrize(
    "change",
    [{"file_bytes": 9}, {"width": 8}, {"height": 8}, {"bits": 16}, {"format": "JPEG"}, {"make": "A"}],
)
def test_file_properties_see_how_the_file_was_made(change: dict[str, object]) -> None:
    other = replace(PLAIN, **change)  # type: ignore[arg-type]
    table = file_properties([PLAIN] * 5 + [other] * 5)
    assert np.ptp(table, axis=0).all()
    assert len(np.unique(table, axis=0)) == 2


def test_files_that_are_all_alike_are_still_a_column() -> None:
    assert file_properties([PLAIN] * 4).tolist() == [[0.0]] * 4


@pytest.mark.parametrize(("height", "width"), [(160, 160), (50, 100)])
def test_three_fifths_of_each_side_are_blacked_out(height: int, width: int) -> None:
    pictures = np.full((2, height, width, 3), 200, np.uint8)
    blacked = blacked_out(pictures)
    assert (pictures == 200).all(), "those given stay as they are"
    rows, columns = height // 5, width // 5
    assert (blacked[:, rows:-rows, columns:-columns] == 0).all()
    assert (blacked == 0).mean() == pytest.approx(9 / 25)
    assert (blacked[:, :rows] == 200).all()
    assert (blacked[:, :, -columns:] == 200).all()


def test_what_is_in_the_blacked_out_centre_makes_no_difference() -> None:
    chests = np.stack([CHEST, CHEST])[..., np.newaxis]
    chests[1, 13:-13, 13:-13] = 255
    assert np.array_equal(*blacked_out(chests))
    chests[1, 12] = 255
    assert not np.array_equal(*blacked_out(chests))
