"""JSON from strangers: its size, depth and keys are looked at before and after it is read."""

import json
from typing import Any

MOST_VALUES = 1_000_000
DEEPEST = 32
LONGEST = 100_000
"""Characters of a text or key."""

_LARGEST = 2**63


def read_json(content: str | bytes) -> Any:
    """The values of UTF-8 JSON. Raises ValueError and RecursionError for what is none or is out of bounds.

    It has at most MOST_VALUES values, DEEPEST levels and no key twice.
    """
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    # Before it is read: each value takes up to 70 bytes of memory, and 2 of text.
    if sum(map(text.count, ",[{")) > MOST_VALUES:
        raise ValueError("too many values")
    values = json.loads(text, object_pairs_hook=_unique)
    _require_moderate(values)
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key twice")
    return values


def _require_moderate(values: Any) -> None:
    level, depth = [values], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ValueError("too deep")
        below: list[Any] = []
        for one in level:
            if isinstance(one, str) and len(one) > LONGEST:
                raise ValueError("too long a text")
            if isinstance(one, int) and abs(one) >= _LARGEST:
                raise ValueError("too large a number")
            if isinstance(one, dict):
                below += one.keys()
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = below
