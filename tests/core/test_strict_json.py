"""JSON from strangers is read within bounds."""

import pytest

from covid_desktop.core.strict_json import DEEPEST, LONGEST, MOST_VALUES, read_json


@pytest.mark.parametrize(
    "text", ['{"a": [1, -2.5, null, true, "b"], "c": {}}', b'{"a": "\xc3\xa9"}', "[]", "3"]
)
def test_plain_json_is_read(text: str | bytes) -> None:
    import json

    assert read_json(text) == json.loads(text)


def test_the_bounds_themselves_are_allowed() -> None:
    deep = "[" * (DEEPEST - 1) + "1" + "]" * (DEEPEST - 1)
    assert read_json(deep)
    assert read_json('"' + "a" * LONGEST + '"')
    assert len(read_json("[" + "0," * (MOST_VALUES - 2) + "0]")) == MOST_VALUES - 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        b"\xff",
        '{"a": 1}'.encode("utf-16"),
        "[" * DEEPEST + "1" + "]" * DEEPEST,
        "[" * 100_000,
        '"' + "a" * (LONGEST + 1) + '"',
        '{"' + "a" * (LONGEST + 1) + '": 1}',
        "[" + "0," * MOST_VALUES + "0]",
        '{"a": 1, "a": 2}',
        '[{"b": {"a": 1, "a": 1}}]',
        "9" * 5000,
        "9223372036854775808",
    ],
    ids=range(13),
)
def test_all_else_is_refused(text: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read_json(text)
