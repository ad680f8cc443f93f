"""What a check of the data says: findings, each with the files it concerns and what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

Severity = Literal["serious", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "note")
Remedy = Literal["exclude", "keep-one", "same-set", "relabel"]
"""Leave the files out; keep the first of each group; move each group into one set; turn the class over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or may be.

    ``kind`` is a stable key such as "label-conflict". ``title`` says how many, ``why`` why it matters and
    ``fix`` what can be done, a sentence each. ``groups`` are the files concerned: those of a group belong
    together (copies, images of one patient); a file that stands alone is a group of one. ``notes`` say
    what is particular to a file. ``are_examples`` where the files are some of many.
    """

    kind: str
    severity: Severity
    title: str
    why: str
    fix: str
    groups: tuple[tuple[Path, ...], ...] = ()
    remedies: tuple[Remedy, ...] = ()
    notes: Mapping[Path, str] = field(default_factory=dict)
    are_examples: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(path for group in self.groups for path in group)

    def summary(self) -> dict[str, Any]:
        """What may leave the computer: no names of files."""
        files = 0 if self.are_examples else len(self.paths)
        return {"kind": self.kind, "severity": self.severity, "files": files}

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "severity": self.severity,
            "title": self.title,
            "why": self.why,
            "fix": self.fix,
            "remedies": list(self.remedies),
            "are_examples": self.are_examples,
            "files": [[str(path) for path in group] for group in self.groups],
            "notes": {str(path): note for path, note in self.notes.items()},
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        words = {name: values[name] for name in ("kind", "severity", "title", "why", "fix")}
        return cls(
            **words,
            groups=tuple(tuple(map(Path, group)) for group in values["files"]),
            remedies=tuple(values["remedies"]),
            notes={Path(path): note for path, note in values["notes"].items()},
            are_examples=values["are_examples"],
        )
