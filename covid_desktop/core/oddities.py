"""Images that are unlike the others, or that cannot be read at all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.decisions import EXCLUDED
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import Finding, Severity
from covid_desktop.core.posture import postures
from covid_desktop.core.words import counted, percent

SMALLEST_SIDE = 64  # pixels; the networks see at least twice as many
COLOURED = 0.005  # share of pixels; JPEG's own faint colours stay below

Facts = Mapping[Path, ImageFacts]
Notes = dict[Path, str]


def unreadable_findings(skipped: Sequence[SkippedFile]) -> list[Finding]:
    """Files that are not used, but for those that the user excluded."""
    notes = {file.path: file.reason for file in skipped if not file.reason.startswith(EXCLUDED)}
    if not notes:
        return []
    return [
        Finding(
            kind="unreadable",
            severity="warning",
            title=f"{counted(len(notes), 'file')} {_are(notes)} not used.",
            why="What is missing may be missing from one class, or one hospital, more than from another.",
            fix="Copy or export damaged files again; what is no image may stay where it is.",
            groups=_each(notes),
            notes=notes,
        )
    ]


def odd_findings(facts: Facts, labels: Mapping[Path, int]) -> list[Finding]:
    """What is odd about images in use (``labels`` names them), a finding for each kind."""
    images = {path: facts[path] for path in labels if path in facts}
    found = (
        _too_small(images),
        _blank(images),
        _coloured(images),
        *_turned_or_inverted(images),
        _multi_frame(images),
        _bit_depth(images),
    )
    return [finding for finding in found if finding]


def _too_small(images: Facts) -> Finding | None:
    return _finding(
        "too-small",
        _notes(
            images,
            lambda one: min(one.width, one.height) < SMALLEST_SIDE,
            lambda one: f"{one.width} x {one.height} pixels",
        ),
        title="{images} {are} too small to mean anything.",
        why=f"Under {SMALLEST_SIDE} pixels a side nothing of a lung can be judged; a network sees a blur "
        "of its own making.",
        fix="Export them again in full size, or exclude them.",
    )


def _blank(images: Facts) -> Finding | None:
    return _finding(
        "blank",
        _notes(images, lambda one: one.is_blank, lambda one: f"Grey level {one.mean:.0f} all over"),
        title="{images} {are} blank, or nearly so.",
        why="There is nothing to learn from them but their label.",
        fix="Exclude them, or export them again with another window.",
    )


def _coloured(images: Facts) -> Finding | None:
    notes = _notes(
        images, lambda one: one.colour >= COLOURED, lambda one: f"{percent(one.colour)} of it is coloured"
    )
    if 2 * len(notes) > len(images):  # colour is the rule here
        return None
    return _finding(
        "colour",
        notes,
        title="{images} {are} coloured where the others are grey.",
        why="They may be photographs or screenshots, or bear coloured marks, which a network can learn "
        "instead of the disease.",
        fix="Look at them; exclude what is no plain image, or export it again without marks.",
    )


def _turned_or_inverted(images: Facts) -> tuple[Finding | None, Finding | None]:
    found = postures(images)
    return (
        _finding(
            "inverted",
            {path: "Like a negative" for path, posture in found.items() if posture == "inverted"},
            title="{images} {are} inverted against the others, like a negative film.",
            why="Bone is dark there and air is bright: to a network that is another kind of image.",
            fix="Export them again the other way round, or exclude them.",
        ),
        _finding(
            "sideways",
            {path: posture.capitalize() for path, posture in found.items() if posture != "inverted"},
            title="{images} {seem} to lie on the side or upside down.",
            why="A network learns where things are in the picture, and here they are elsewhere.",
            fix="Turn them in a viewer and export them again, or exclude them.",
        ),
    )


def _multi_frame(images: Facts) -> Finding | None:
    return _finding(
        "multi-frame",
        _notes(images, lambda one: one.frames > 1, lambda one: f"{one.frames} frames"),
        title="{images} {have} more than one frame.",
        why="Only the first frame is used, which may not be the one that shows the disease.",
        fix="Export the frame that matters as an image of its own, or exclude them.",
        severity="note",
    )


def _bit_depth(images: Facts) -> Finding | None:
    depths = Counter(one.bits for one in images.values())
    usual = max(depths, key=lambda bits: depths[bits], default=0)
    return _finding(
        "bit-depth",
        _notes(images, lambda one: one.bits != usual, lambda one: f"{one.bits} bit"),
        title="{images} {have} another bit depth than the others (" + f"{usual} bit).",
        why="They were stored in another way, which often means another source, and a network can see that.",
        fix="Take all images from one export, or look whether this concerns one class more than the other.",
        severity="note",
    )


def _notes(images: Facts, is_odd: Callable[[ImageFacts], bool], note: Callable[[ImageFacts], str]) -> Notes:
    return {path: note(one) for path, one in images.items() if is_odd(one)}


def _finding(
    kind: str, notes: Notes, *, title: str, why: str, fix: str, severity: Severity = "warning"
) -> Finding | None:
    if not notes:
        return None
    is_one = len(notes) == 1
    words = {"are": _are(notes), "have": "has" if is_one else "have", "seem": "seems" if is_one else "seem"}
    return Finding(
        kind=kind,
        severity=severity,
        title=title.format(images=counted(len(notes), "image"), **words),
        why=why,
        fix=fix,
        groups=_each(notes),
        remedies=("exclude",),
        notes=notes,
    )


def _are(notes: Notes) -> str:
    return "is" if len(notes) == 1 else "are"


def _each(notes: Notes) -> tuple[tuple[Path, ...], ...]:
    return tuple((path,) for path in notes)
