"""The log of predictions: which model said what of which content, and when. Kept where the user wants one.

No line holds a name, a path or a word from an image or its header: a content is named by its SHA-256. Of what
can be seen in it later, see ``hash_chain``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from covid_desktop.core import hash_chain
from covid_desktop.core.chain_check import Chain, check_chain
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.words import counted
from covid_desktop.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """``time`` is in ISO format; ``image`` is the SHA-256 of the content, None where the file had gone.

    ``model`` is ``watch_store.model_id``: another one for every run and every operating point.
    """

    time: str
    image: str | None
    model: str
    prediction: Prediction

    def to_json(self) -> dict[str, Any]:
        found = self.prediction
        return {
            "time": self.time,
            "image": self.image,
            "model": self.model,
            "score": found.score,
            "label": found.label,
            "threshold": found.threshold,
            "refusal": found.refusal,
            "is_readable": found.error is None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """``intact`` lines from the start are as they were written; ``words`` say whether all are."""

    intact: int
    is_intact: bool
    words: str


def now() -> str:
    """The time as a line has it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def append(path: Path, entries: Sequence[Logged]) -> None:
    """Add a line for each; they are on the disk when it returns, or none is in the log. Raises UserError."""
    try:
        hash_chain.append(path, [entry.to_json() for entry in entries])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"The log of predictions could not be written: {reason}.",
            "Free some space, or switch it off in the Predict menu.",
        ) from error


def check(path: Path) -> LogState:
    """Whether a line was changed, removed, inserted or swapped, or some are missing at the end.

    Raises UserError.
    """
    try:
        chain = check_chain(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"The log of predictions could not be read: {reason}.") from error
    is_intact = chain.altered is None and chain.missing is None and chain.has_head
    return LogState(intact=chain.lines, is_intact=is_intact, words=_words(chain))


def _words(chain: Chain) -> str:
    lines = counted(chain.lines, "line")
    if chain.altered is not None:
        reason = f" {chain.reason}" if chain.reason else ""
        return f"The log was altered at line {chain.altered:,}.{reason}"
    if chain.missing is not None:
        left = "none is left" if not chain.lines else f"{chain.lines:,} are left"
        return f"The end of the log is missing: it had {counted(chain.missing, 'line')}, and {left}."
    if not chain.has_head:
        return f"The log has {lines}, but what says how many there should be is missing."
    if not chain.lines:
        return "There is nothing in the log yet."
    cut_off = " The last line was cut off while it was written." if chain.is_cut_off else ""
    return f"The log is intact: {lines}.{cut_off}"
