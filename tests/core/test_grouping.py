"""Which images belong together, directly or through others."""

import random
from pathlib import Path

import pytest

from covid_desktop.core.dataset import Sample
from covid_desktop.core.grouping import group_numbers, joined


def samples(*patients: str | None) -> list[Sample]:
    """Named a, b, c and so on."""
    return [
        Sample(path=Path("abcdefghij"[number]), label=number % 2, patient=patient)
        for number, patient in enumerate(patients)
    ]


def together(numbers: list[int], names: str = "abcdefghij") -> set[str]:
    """The groups of more than one, as the names of their images."""
    groups: dict[int, str] = {}
    for name, number in zip(names, numbers, strict=False):
        groups[number] = groups.get(number, "") + name
    return {group for group in groups.values() if len(group) > 1}


def copies(*groups: str) -> list[list[Path]]:
    return [[Path(name) for name in group] for group in groups]


def test_no_images_are_no_groups() -> None:
    assert group_numbers([]) == []
    assert group_numbers([], copies("ab")) == []


def test_images_without_anything_in_common_stand_alone() -> None:
    assert sorted(group_numbers(samples(None, None, None))) == [0, 1, 2]
    assert sorted(group_numbers(samples("P", "Q", None))) == [0, 1, 2]


def test_images_of_a_patient_are_together() -> None:
    assert together(group_numbers(samples("P", None, "Q", "P", None, "Q", "P"))) == {"adg", "cf"}


def test_a_patient_without_a_name_is_a_patient() -> None:
    assert together(group_numbers(samples("", "", None, None))) == {"ab"}


def test_copies_are_together() -> None:
    assert together(group_numbers(samples(*[None] * 6), copies("ad", "bef"))) == {"ad", "bef"}


def test_images_are_joined_through_others() -> None:
    patients = (None, "P", "P", None, "Q", "Q", None)
    assert together(group_numbers(samples(*patients), copies("ab", "cd", "dg"))) == {"abcdg", "ef"}
    assert together(group_numbers(samples(*patients), copies("ab", "de", "dc"))) == {"abcdef"}
    assert together(group_numbers(samples(*[None] * 4), copies("ab", "cd", "bc"))) == {"abcd"}


def test_copies_that_are_not_in_use_join_nothing() -> None:
    """Those of one group stay copies of each other when a third is excluded."""
    assert together(group_numbers(samples(None, None, None), copies("xa", "y", "", "axb"))) == {"ab"}
    assert together(group_numbers(samples(None, None), copies("ax", "xb"))) == set()


def test_numbers_are_python_integers() -> None:
    assert {type(number) for number in group_numbers(samples("P", None))} == {int}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_copies_does_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    names = "abcdefghij"
    groups = ["".join(rng.sample(names, rng.randint(1, 3))) for _ in range(3)]
    shuffled = ["".join(rng.sample(group, len(group))) for group in rng.sample(groups, len(groups))]
    some = samples(*rng.choices(["P", "Q", None, None, None], k=10))
    found = together(group_numbers(some, copies(*groups)))
    assert found == together(group_numbers(some, copies(*shuffled)))
    assert all(any(set(group) <= set(one) for one in found) for group in groups if len(group) > 1)


# --- numbers alone


def test_nothing_to_join() -> None:
    assert joined(0, []).tolist() == []
    assert joined(1, []).tolist() == [0]
    assert joined(3, []).tolist() == [0, 1, 2]


def test_what_hangs_together_has_one_number() -> None:
    assert joined(5, [(0, 4), (1, 2)]).tolist() == [0, 1, 1, 2, 0]
    assert joined(4, [(3, 2), (2, 1), (1, 0)]).tolist() == [0, 0, 0, 0]


def test_pairs_may_come_twice_either_way_round_and_with_themselves() -> None:
    assert joined(3, [(0, 2), (2, 0), (0, 2), (1, 1)]).tolist() == [0, 1, 0]


def test_a_long_chain_is_one_group() -> None:
    count = 50_000
    chain = [(number, number + 1) for number in range(count - 1)]
    assert set(joined(count, chain).tolist()) == {0}
    assert len(set(joined(count, chain[: count // 2] + chain[count // 2 + 1 :]).tolist())) == 2
