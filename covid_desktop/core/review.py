"""What a reader says about a result: whether they agree, and a comment."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["agreed", "disagreed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """``who`` (a name) and ``when`` (ISO 8601 with its zone) stay empty unless the user wants them kept."""

    verdict: Verdict | None = None
    comment: str = ""
    who: str = ""
    when: str = ""

    @property
    def words(self) -> str:
        """Such as "Agreed, comment: blurred"; empty where nothing was said."""
        parts = (self.verdict or "", f"comment: {self.comment}" if self.comment else "")
        words = ", ".join(filter(None, parts))
        return words[:1].upper() + words[1:]


NOT_REVIEWED = Review()
