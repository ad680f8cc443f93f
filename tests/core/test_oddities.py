"""Images that are unlike the others, or that cannot be read at all."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.decisions import EXCLUDED
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import Finding
from covid_desktop.core.oddities import odd_findings, unreadable_findings

VALLEY = np.tile(np.abs(np.arange(-32, 32)) * 4, (64, 1)).astype(np.uint8)
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
    thumbnail=VALLEY.tobytes(),
)
ODD, OTHER = Path("/data/odd.png"), Path("/data/other.png")


def found(odd: Mapping[Path, ImageFacts], plain: int = 10) -> list[Finding]:
    """In a folder of plain images and ``odd`` ones."""
    facts = {**{Path(f"/data/{number}.png"): PLAIN for number in range(plain)}, **odd}
    return odd_findings(facts, dict.fromkeys(facts, 0))


@pytest.mark.parametrize(
    ("kind", "odd", "note"),
    [
        ("too-small", replace(PLAIN, width=63), "63 x 300 pixels"),
        ("too-small", replace(PLAIN, height=32), "200 x 32 pixels"),
        ("blank", replace(PLAIN, thumbnail=bytes(64 * 64), mean=0.4), "Grey level 0 all over"),
        ("colour", replace(PLAIN, colour=0.25), "25 % of it is coloured"),
        ("colour", replace(PLAIN, colour=0.005), "under 1 % of it is coloured"),
        ("inverted", replace(PLAIN, thumbnail=(255 - VALLEY).tobytes()), "Like a negative"),
        ("sideways", replace(PLAIN, thumbnail=VALLEY.T.tobytes()), "Turned a quarter"),
        ("multi-frame", replace(PLAIN, frames=12), "12 frames"),
        ("bit-depth", replace(PLAIN, bits=16), "16 bit"),
    ],
)
def test_an_odd_image_is_found_for_what_is_odd_about_it(kind: str, odd: ImageFacts, note: str) -> None:
    (finding,) = found({ODD: odd})
    assert finding.kind == kind
    assert finding.title.startswith("1 image ")
    assert finding.groups == ((ODD,),)
    assert finding.notes == {ODD: note}
    assert finding.remedies == ("exclude",)


def test_nothing_is_odd_about_like_images() -> None:
    at_the_limit = replace(PLAIN, width=64, height=64, colour=0.0049)
    assert found({ODD: at_the_limit}) == []
    assert odd_findings({}, {}) == []


@pytest.mark.parametrize(
    ("odd", "one", "many"),
    [
        (replace(PLAIN, width=9), "1 image is too small", "2 images are too small"),
        (
            replace(PLAIN, thumbnail=VALLEY.T.tobytes()),
            "1 image seems to lie on the side",
            "2 images seem to lie on the side",
        ),
        (replace(PLAIN, frames=2), "1 image has more than", "2 images have more than"),
        (replace(PLAIN, bits=12), "1 image has another bit depth", "2 images have another bit depth"),
    ],
)
def test_one_image_is_and_two_images_are(odd: ImageFacts, one: str, many: str) -> None:
    assert found({ODD: odd})[0].title.startswith(one)
    assert found({ODD: odd, OTHER: odd})[0].title.startswith(many)


def test_an_image_may_be_odd_in_several_ways() -> None:
    odd = replace(PLAIN, width=10, colour=0.5, bits=16, thumbnail=bytes(64 * 64))
    assert [finding.kind for finding in found({ODD: odd})] == ["too-small", "blank", "colour", "bit-depth"]


def test_what_only_costs_a_little_is_a_note() -> None:
    severities = {
        finding.kind: finding.severity
        for finding in found({ODD: replace(PLAIN, frames=2, bits=16), OTHER: replace(PLAIN, width=3)})
    }
    assert severities == {"too-small": "warning", "multi-frame": "note", "bit-depth": "note"}


@pytest.mark.parametrize(("coloured", "is_odd"), [(1, True), (4, True), (5, False), (8, False)])
def test_colour_is_not_odd_where_most_are_coloured(coloured: int, is_odd: bool) -> None:
    odd = {Path(f"/data/colour/{number}.png"): replace(PLAIN, colour=0.3) for number in range(coloured)}
    assert bool(found(odd, plain=4)) == is_odd


def test_the_usual_bit_depth_is_the_most_frequent_one() -> None:
    deep = {Path(f"/data/deep/{number}.png"): replace(PLAIN, bits=16) for number in range(11)}
    (finding,) = found(deep, plain=10)
    assert finding.title == "10 images have another bit depth than the others (16 bit)."
    assert set(finding.notes.values()) == {"8 bit"}


def test_images_that_are_not_in_use_are_not_looked_at() -> None:
    facts = {ODD: replace(PLAIN, width=3), OTHER: PLAIN}
    assert odd_findings(facts, {OTHER: 0}) == []
    assert odd_findings({OTHER: PLAIN}, {OTHER: 0, ODD: 1}) == []


# --- files that are not used


def test_unreadable_files_are_named_with_the_reason() -> None:
    skipped = [SkippedFile(path=ODD, reason="Empty file."), SkippedFile(path=OTHER, reason="Not an image.")]
    (finding,) = unreadable_findings(skipped)
    assert (finding.kind, finding.severity) == ("unreadable", "warning")
    assert finding.title == "2 files are not used."
    assert finding.notes == {ODD: "Empty file.", OTHER: "Not an image."}
    assert finding.remedies == ()
    assert unreadable_findings(skipped[:1])[0].title == "1 file is not used."


def test_what_the_user_excluded_is_no_news() -> None:
    excluded = SkippedFile(path=ODD, reason=f"{EXCLUDED}Too small.")
    assert unreadable_findings([excluded]) == []
    (finding,) = unreadable_findings([excluded, SkippedFile(path=OTHER, reason="Empty file.")])
    assert finding.paths == (OTHER,)
