"""Which files show one picture, whatever was done to it, and which only look alike."""

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.duplicates import CopyGroup, find_copies, perceptual_hash
from covid_desktop.core.events import Event, Progress
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.image import examine
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.picture import thumbnail
from covid_desktop.errors import Stopped

PERSONS = 64
Facts = dict[Path, ImageFacts]
Change = Callable[[Image.Image], Image.Image]


@cache
def drawn(seed: int, positive: bool = False) -> bytes:
    """A person's radiograph as a PNG file."""
    return encoded(Image.fromarray(draw_phantom(seed, positive=positive, size=128).pixels))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def image_of(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(drawn(seed)))


def examined(folder: Path, files: dict[str, bytes]) -> Facts:
    facts = {}
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        facts[path] = examine(path)
    return facts


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.mktemp("persons")
    return examined(folder, {f"{seed:02}.png": drawn(seed) for seed in range(PERSONS)})


def found(facts: Facts) -> list[tuple[list[str], bool]]:
    return [([path.name for path in group.paths], group.exact) for group in find_copies(facts)]


def resized(width: int, height: int, resample: Image.Resampling = Image.Resampling.BILINEAR) -> Change:
    return lambda image: image.resize((width, height), resample)


def recompressed(quality: int) -> Change:
    return lambda image: Image.open(io.BytesIO(encoded(image, "JPEG", quality=quality)))


def with_levels(slope: float, offset: float) -> Change:
    return lambda image: image.point(
        [round(min(max(level * slope + offset, 0), 255)) for level in range(256)]
    )


def cropped(left: float, top: float, right: float, bottom: float) -> Change:
    """Without these shares of its sides."""

    def crop(image: Image.Image) -> Image.Image:
        width, height = image.size
        return image.crop(
            (
                round(left * width),
                round(top * height),
                round((1 - right) * width),
                round((1 - bottom) * height),
            )
        )

    return crop


def all_of(*changes: Change) -> Change:
    def change(image: Image.Image) -> Image.Image:
        for each in changes:
            image = each(image)
        return image

    return change


def gamma(image: Image.Image) -> Image.Image:
    return image.point([round(255 * (level / 255) ** 0.8) for level in range(256)])


CHANGES: dict[str, Change] = {
    "another file": lambda image: image,
    "half": resized(64, 64),
    "double": resized(256, 256, Image.Resampling.BICUBIC),
    "other proportions": resized(96, 160, Image.Resampling.LANCZOS),
    "JPEG, fine": recompressed(90),
    "JPEG, coarse": recompressed(40),
    "brighter": with_levels(0.8, 40),
    "darker": with_levels(0.7, 0),
    "more contrast": with_levels(1.15, -19),
    "less contrast": with_levels(0.5, 60),
    "gamma": gamma,
    "cropped all round": cropped(0.02, 0.02, 0.02, 0.02),
    "cropped left": cropped(0.02, 0, 0, 0),
    "cropped right": cropped(0, 0, 0.02, 0),
    "cropped top": cropped(0, 0.02, 0, 0),
    "cropped bottom": cropped(0, 0, 0, 0.02),
    "cropped in a corner": cropped(0.02, 0.02, 0, 0),
    "cropped a little": cropped(0.01, 0.01, 0.01, 0.01),
    "all of it": all_of(
        cropped(0.02, 0.01, 0.02, 0), resized(100, 110), with_levels(0.8, 20), recompressed(75)
    ),
}


# --- what are copies


def test_persons_are_no_copies(persons: Facts) -> None:
    assert len(persons) >= 60
    assert find_copies(persons) == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_picture_is_a_copy_of_its_own_and_of_no_other(
    change: Change, persons: Facts, tmp_path: Path
) -> None:
    seeds = (0, 17, 33, 50)
    copies = examined(tmp_path, {f"{seed:02}.copy": encoded(change(image_of(seed)), "BMP") for seed in seeds})
    groups = find_copies(persons | copies)
    assert [sorted(path.name for path in group.paths) for group in groups] == [
        [f"{seed:02}.copy", f"{seed:02}.png"] for seed in seeds
    ]
    assert not any(group.exact for group in groups)


def test_files_of_the_same_bytes_are_exact_copies(persons: Facts, tmp_path: Path) -> None:
    copies = examined(tmp_path, {"a.png": drawn(3), "b.jpg": drawn(3), "c.png": drawn(5)})
    names = [(sorted(names), exact) for names, exact in found(persons | copies)]
    assert sorted(names) == [(["03.png", "a.png", "b.jpg"], True), (["05.png", "c.png"], True)]


def test_one_that_differs_makes_a_group_inexact(tmp_path: Path) -> None:
    again = encoded(image_of(3), "BMP")
    facts = examined(tmp_path, {"a.png": drawn(3), "b.png": drawn(3), "c.bmp": again})
    assert found(facts) == [(["a.png", "b.png", "c.bmp"], False)]


def test_copies_of_copies_are_one_group(tmp_path: Path) -> None:
    """The first and the last were cropped too differently to be copies by themselves."""
    image = Image.fromarray(draw_phantom(4, positive=False, size=256).pixels)
    steps = {
        f"{share}.png": encoded(cropped(*[share / 100] * 4)(image)) for share in (10, 12, 14, 16, 18, 20)
    }
    facts = examined(tmp_path, steps)
    ends = {path: one for path, one in facts.items() if path.name in ("10.png", "20.png")}
    assert find_copies(ends) == []
    assert found(facts) == [(sorted(steps), False)]


def test_grey_and_colour_are_copies(tmp_path: Path) -> None:
    tinted = Image.merge("RGB", [image_of(6), image_of(6), image_of(6).point(lambda level: level * 0.9)])
    facts = examined(tmp_path, {"grey.png": drawn(6), "tinted.png": encoded(tinted)})
    assert found(facts) == [(["grey.png", "tinted.png"], False)]


def test_16_bits_and_8_are_copies(tmp_path: Path) -> None:
    deep = Image.fromarray(np.asarray(image_of(6)).astype(np.uint16) * 257)
    facts = examined(tmp_path, {"deep.png": encoded(deep), "flat.png": drawn(6)})
    assert found(facts) == [(["deep.png", "flat.png"], False)]


# --- what are none


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.point(lambda level: 255 - level),
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.transpose(Image.Transpose.ROTATE_90),
        cropped(0.2, 0.2, 0.2, 0.2),
    ],
    ids=["inverted", "mirrored", "turned", "a part of it"],
)
def test_what_was_done_to_these_makes_another_picture(change: Change, tmp_path: Path) -> None:
    files = {f"{seed}.png": drawn(seed) for seed in range(6)}
    files |= {f"{seed} changed.png": encoded(change(image_of(seed))) for seed in range(6)}
    assert found(examined(tmp_path, files)) == []


def test_two_films_of_one_person_are_two_pictures(tmp_path: Path) -> None:
    """Well, and ill: nothing else differs."""
    films = {f"{seed} {ill}.png": drawn(seed, positive=ill) for seed in range(12) for ill in (False, True)}
    assert find_copies(examined(tmp_path, films)) == []


# --- blank pictures


def flat(level: int, size: int = 64, **options: Any) -> bytes:
    return encoded(Image.new("L", (size, size), level), **options)


def nearly_flat(seed: int) -> bytes:
    noise = np.random.default_rng(seed).normal(128, 10, (512, 512))
    return encoded(Image.fromarray(noise.astype(np.uint8)))


def test_blank_pictures_are_copies_byte_for_byte_alone(tmp_path: Path) -> None:
    files = {
        "black.png": flat(0),
        "black again.png": flat(0),
        "black, larger.png": flat(0, size=65),
        "black, compressed.png": flat(0, compress_level=1),
        "white.png": flat(255),
        "noise.png": nearly_flat(0),
        "noise again.png": nearly_flat(0),
        "other noise.png": nearly_flat(1),
    }
    facts = examined(tmp_path, files)
    assert all(one.is_blank for one in facts.values())
    assert facts[tmp_path / "black.png"].thumbnail == facts[tmp_path / "black, larger.png"].thumbnail
    assert found(facts) == [
        (["black again.png", "black.png"], True),
        (["noise again.png", "noise.png"], True),
    ]


def test_what_can_hardly_be_seen_is_blank(tmp_path: Path) -> None:
    """Its structure is the same, but there is next to nothing of it: rounding would decide."""
    files = {f"{offset}.png": encoded(with_levels(0.03, offset)(image_of(3))) for offset in (100, 110)}
    facts = examined(tmp_path, files)
    assert all(one.is_blank and one.contrast > 0 for one in facts.values())
    assert find_copies(facts) == []


def test_blank_pictures_among_others_join_none(tmp_path: Path) -> None:
    change = CHANGES["cropped all round"]
    files = {f"{seed}.png": drawn(seed) for seed in range(4)}
    files |= {"0 black.png": flat(0), "1 white.png": flat(255), "9.png": encoded(change(image_of(2)))}
    assert found(examined(tmp_path, files)) == [(["2.png", "9.png"], False)]


def test_a_folder_of_blank_pictures(tmp_path: Path) -> None:
    facts = examined(tmp_path, {f"{level}.png": flat(level) for level in range(0, 250, 50)})
    assert find_copies(facts) == []
    facts = examined(tmp_path, {f"{level}.png": flat(7) for level in range(0, 250, 50)})
    assert found(facts) == [(sorted(path.name for path in facts), True)]


# --- order


def test_groups_are_in_the_order_of_their_first_path_whatever_the_listing(tmp_path: Path) -> None:
    files = {"b1.png": drawn(1), "c2.png": drawn(2), "d1.png": encoded(image_of(1), "BMP")}
    files |= {"a2.png": drawn(2), "e0.png": flat(3), "a0.png": flat(3), "f9.png": drawn(9)}
    facts = examined(tmp_path, files)
    expected = [
        (["a0.png", "e0.png"], True),
        (["a2.png", "c2.png"], True),
        (["b1.png", "d1.png"], False),
    ]
    assert found(facts) == expected
    names = sorted(facts)
    for order in (names, names[::-1], names[3:] + names[:3]):
        assert found({path: facts[path] for path in order}) == expected


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_to_be_copies(count: int, persons: Facts) -> None:
    assert find_copies(dict(list(persons.items())[:count])) == []


# --- stopping, JSON, hashes


def test_stopped(persons: Facts) -> None:
    with pytest.raises(Stopped):
        find_copies(persons, should_stop=lambda: True)


def test_progress_is_told(persons: Facts) -> None:
    events: list[Event] = []
    find_copies(persons, events.append)
    assert events[0] == Progress(stage="Looking for copies", done=0, total=PERSONS)


@pytest.mark.parametrize("exact", [True, False])
def test_a_group_survives_json(exact: bool) -> None:
    group = CopyGroup(paths=(Path("/data/Müller 1.png"), Path("/data/\udcff.png")), exact=exact)
    assert CopyGroup.from_json(json.loads(json.dumps(group.to_json()))) == group


def bits(picture: Image.Image) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(perceptual_hash(thumbnail(picture)), np.uint8))


def test_a_hash_changes_little_when_the_picture_does() -> None:
    assert bits(image_of(0)).size == 144
    assert 60 < bits(image_of(0)).sum() < 84  # half the cosines are above the median
    for seed in range(4):
        own, other = bits(image_of(seed)), bits(image_of(seed + 1))
        for name in ("half", "JPEG, coarse", "brighter", "cropped a little"):
            assert np.sum(own != bits(CHANGES[name](image_of(seed)))) < np.sum(own != other) / 2
