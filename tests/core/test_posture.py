"""Images that are inverted or turned, among simulated radiographs that are upright."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.image import examine
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.posture import FEWEST, postures

Pixels = NDArray[np.uint8]
UPRIGHT = 30


@cache
def radiograph(number: int) -> Pixels:
    return draw_phantom(number, positive=number % 2 == 1, size=64).pixels


def negative(pixels: Pixels) -> Pixels:
    return 255 - pixels


def quarter(pixels: Pixels) -> Pixels:
    return np.rot90(pixels)


def three_quarters(pixels: Pixels) -> Pixels:
    return np.rot90(pixels, 3)


def half(pixels: Pixels) -> Pixels:
    return np.rot90(pixels, 2)


@pytest.fixture
def facts_of(tmp_path: Path) -> Callable[[list[Pixels]], dict[Path, ImageFacts]]:
    """Of pictures saved under their number."""

    def write(pictures: list[Pixels]) -> dict[Path, ImageFacts]:
        paths = [tmp_path / f"{number}.png" for number in range(len(pictures))]
        for path, pixels in zip(paths, pictures, strict=True):
            Image.fromarray(np.ascontiguousarray(pixels)).save(path)
        return {path: examine(path) for path in paths}

    return write


FactsOf = Callable[[list[Pixels]], dict[Path, ImageFacts]]


@pytest.mark.parametrize("seed", range(4))
def test_those_that_are_inverted_or_turned_are_found_and_no_others(facts_of: FactsOf, seed: int) -> None:
    changes = [(negative, "inverted"), (quarter, "turned a quarter"), (half, "upside down")] * 2
    changes[4] = (three_quarters, "turned a quarter")
    pictures = [radiograph(number) for number in range(UPRIGHT)]
    expected = {}
    lot = np.random.default_rng(seed).permutation(UPRIGHT)
    for number, (change, posture) in zip(lot, changes, strict=False):
        pictures[number] = change(pictures[number])
        expected[f"{number}.png"] = posture
    assert {path.name: posture for path, posture in postures(facts_of(pictures)).items()} == expected


def test_nothing_is_found_among_upright_images(facts_of: FactsOf) -> None:
    assert postures(facts_of([radiograph(number) for number in range(UPRIGHT)])) == {}


def test_nothing_is_said_of_too_few_images(facts_of: FactsOf) -> None:
    pictures = [negative(radiograph(0)), *map(radiograph, range(1, FEWEST))]
    facts = facts_of(pictures)
    assert {path.name for path in postures(facts)} == {"0.png"}
    without_one = dict(list(facts.items())[:-1])
    assert postures(without_one) == {}


def test_blank_images_do_not_count(facts_of: FactsOf) -> None:
    blank: Pixels = np.full((64, 64), 128, np.uint8)
    pictures = [negative(radiograph(0)), *map(radiograph, range(1, FEWEST)), blank, blank]
    facts = facts_of(pictures)
    assert {path.name for path in postures(facts)} == {"0.png"}
    assert postures({path: one for path, one in facts.items() if path.name != "1.png"}) == {}


@pytest.mark.parametrize("grain", [64, 8, 3])
def test_nothing_is_said_of_images_that_are_unlike_each_other(facts_of: FactsOf, grain: int) -> None:
    rng = np.random.default_rng(grain)
    spots = [Image.fromarray(rng.integers(0, 256, (grain, grain), np.uint8)) for _ in range(20)]
    assert postures(facts_of([np.asarray(image.resize((64, 64))) for image in spots])) == {}


def test_an_unlike_image_is_not_taken_for_a_turned_one(facts_of: FactsOf) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    pictures = [*map(radiograph, range(12)), noise, negative(radiograph(12))]
    assert {path.name for path in postures(facts_of(pictures))} == {"13.png"}
