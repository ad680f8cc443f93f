"""Whether a model gives the same scores wherever it is asked: the ways, what each found, and the words."""

import math
from dataclasses import dataclass

from covid_desktop.core.export import FORMATS, ExportKind

LIMIT, REORDERED_LIMIT = 1e-5, 1e-4
"""How far scores may be apart, and how far where a format adds in another order than TensorFlow."""

_REORDERED: frozenset[ExportKind] = frozenset(("litert", "onnx"))
_LEAST_SPREAD = 1e-3
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Somewhere the model is asked. ``export`` is the kind of the exported file, None for all else."""

    name: str
    what: str
    limit: float = LIMIT
    export: ExportKind | None = None


PANEL = Way(name="Panel", what="One image at a time, as the window scores it, and once more")
BATCH = Way(name="Batch", what="All images at once")
PIXELS = Way(name="Pixels", what="The drawn pixels in one call, without reading a file")
COMMAND_LINE = Way(name="Command line", what="The command predict, in a process of its own")
FILE = Way(name="File", what="The model's file, read anew")
WAYS = (
    *(PANEL, BATCH, PIXELS, COMMAND_LINE, FILE),
    *(
        Way(
            name=f"{format_.title} export",
            what=f"Exported as {format_.title} and read anew",
            limit=REORDERED_LIMIT if kind in _REORDERED else LIMIT,
            export=kind,
        )
        for kind, format_ in FORMATS.items()
    ),
)
"""In the order in which they are tried. All are compared with the panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one way found. ``largest_difference`` is None where it gave no scores; ``words`` say why."""

    name: str
    largest_difference: float | None
    limit: float
    words: str
    is_export: bool = False

    @property
    def passed(self) -> bool:
        return self.largest_difference is not None and self.largest_difference <= self.limit

    @property
    def verdict(self) -> str:
        """Passed, different, or failed where there is nothing to compare."""
        if self.largest_difference is None:
            return "failed"
        return "passed" if self.passed else "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Every check, and the panel's scores of the fixed images; no scores where it gave none."""

    checks: tuple[Check, ...]
    scores: tuple[float, ...] = ()

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def refusal(self) -> str:
        """Why the model must not be used, in sentences; empty where only exports differ, or nothing does."""
        failed = [check for check in self.checks if not check.passed and not check.is_export]
        if not failed:
            return ""
        names = ", ".join(check.name.lower() for check in failed)
        differs = any(check.largest_difference is not None for check in failed)
        what = "gives different scores" if differs else "does not give its scores in every way"
        return f"The model {what} on this computer: {names}. Do not use its results."

    @property
    def refused_exports(self) -> tuple[str, ...]:
        """Names of the checks of exports that failed; those exports must not be used."""
        return tuple(check.name for check in self.checks if check.is_export and not check.passed)

    @property
    def caution(self) -> str:
        """Why it says little that the scores are the same; empty where it says much, or they are not."""
        if self.refusal or not self.scores or max(self.scores) - min(self.scores) >= _LEAST_SPREAD:
            return ""
        return "The model scores all the simulated radiographs alike, so that this check says little."

    @property
    def sentence(self) -> str:
        """All of it in a sentence or two."""
        if self.refusal:
            return self.refusal
        if self.refused_exports:
            names = ", ".join(self.refused_exports)
            return f"The model gives the same scores in this program. Do not use: {names}."
        return f"The model gives the same scores in all {_NUMBERS[len(self.checks)]} ways."

    def to_text(self) -> str:
        """Everything, a line for each check."""
        lines = [self.sentence, self.caution]
        lines += [f"{check.name}: {check.verdict}. {check.words}" for check in self.checks]
        if self.scores:
            extremes = f"{min(self.scores):.3g} to {max(self.scores):.3g}"
            lines.append(f"Scores of {len(self.scores)} simulated radiographs: {extremes}.")
        return "\n".join(filter(None, lines))


def compared(way: Way, largest_difference: float) -> Check:
    """A way that gave scores."""
    if largest_difference == 0:
        words = "No difference."
    elif largest_difference <= way.limit:
        words = f"At most {scientific(largest_difference)} apart."
    else:
        words = f"Up to {scientific(largest_difference)} apart; {scientific(way.limit)} is allowed."
    return Check(
        name=way.name,
        largest_difference=largest_difference,
        limit=way.limit,
        words=words,
        is_export=bool(way.export),
    )


def failed(way: Way, words: str) -> Check:
    """A way that gave no scores."""
    return Check(
        name=way.name, largest_difference=None, limit=way.limit, words=words, is_export=bool(way.export)
    )


def scientific(number: float) -> str:
    """A positive number with one digit, rounded up: 1.4e-07 is 2e-7."""
    exponent = math.floor(math.log10(number))
    digit = math.ceil(round(number / 10**exponent, 9))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return f"{digit}e{exponent}"
