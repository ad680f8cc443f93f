"""The verdict of a shortcut audit: by which rule, and in which words."""

import json

import pytest

from covid_desktop.core.audit import Area, ShortcutAudit, Sight
from covid_desktop.core.verdict import WITHOUT_LUNGS, judged

SEEN: tuple[Sight, ...] = ("file-properties", "outer-frame", "thumbnail", "blacked-out", "whole-picture")


def area(auroc: float, low: float | None = None, high: float | None = None) -> Area:
    low, high = auroc - 0.03 if low is None else low, auroc + 0.03 if high is None else high
    return Area(auroc=auroc, low=low, high=high, n=100)


def verdict_on(*, patients_known: bool = True, **areas: Area) -> ShortcutAudit:
    """Where nothing is told apart but by ``areas``."""
    plain = {sight: area(0.5) for sight in SEEN}
    known: dict[Sight, Area] = {**plain, **{name.replace("_", "-"): each for name, each in areas.items()}}  # type: ignore[dict-item]
    return judged(known, {}, 120, patients_known=patients_known)


@pytest.mark.parametrize("sight", ["file_properties", "outer_frame", "blacked_out"])
@pytest.mark.parametrize(
    ("low", "verdict"),
    [(0.5, "green"), (0.649, "green"), (0.65, "amber"), (0.749, "amber"), (0.75, "red"), (1.0, "red")],
)
def test_the_lower_end_of_the_interval_decides(sight: str, low: float, verdict: str) -> None:
    assert verdict_on(**{sight: area(1.0, low, 1.0)}).verdict == verdict


@pytest.mark.parametrize("sight", ["thumbnail", "whole_picture"])
def test_what_shows_the_lungs_decides_nothing(sight: str) -> None:
    assert verdict_on(**{sight: area(1.0, 0.98, 1.0)}).verdict == "green"


def test_red_says_so_with_the_area_and_where_it_was_seen() -> None:
    audit = verdict_on(outer_frame=area(0.97), whole_picture=area(0.99))
    assert audit.sentence == (
        "Images can be told apart without the lungs (AUROC 0.97), by their outer frame; "
        "the whole picture reaches 0.99."
    )
    assert audit.fix.startswith("Do not trust a model of these images")
    assert (audit.n, audit.total) == (100, 120)


def test_amber_says_partly() -> None:
    audit = verdict_on(blacked_out=area(0.72, 0.66), whole_picture=area(0.9))
    assert (
        "can partly be told apart without the lungs (AUROC 0.72), with their centre blacked" in audit.sentence
    )
    assert audit.fix.startswith("Part of a model's accuracy may be such a shortcut.")


def test_green_says_how_far_it_got() -> None:
    audit = verdict_on(file_properties=area(0.53), outer_frame=area(0.61), whole_picture=area(0.88))
    assert audit.sentence == (
        "No shortcut was found: without the lungs the AUROC is 0.61 at most (95 % interval to 0.64), "
        "the whole picture reaches 0.88."
    )
    assert "cannot find every shortcut" in audit.fix


def test_the_surest_of_the_three_is_named() -> None:
    """A higher area with a lower end of its interval is not the surer one."""
    audit = verdict_on(
        file_properties=area(0.80, 0.77), outer_frame=area(0.95, 0.60), blacked_out=area(0.85, 0.70)
    )
    assert "(AUROC 0.80), by the properties of their files" in audit.sentence


@pytest.mark.parametrize("sight", ["file_properties", "outer_frame", "blacked_out"])
@pytest.mark.parametrize(("high", "is_said"), [(0.75, False), (0.76, True)])
def test_green_of_few_images_is_no_all_clear(sight: str, high: float, is_said: bool) -> None:
    fix = verdict_on(**{sight: area(0.55, 0.3, high)}).fix
    assert ("With so few images" in fix) == is_said


def test_a_wide_interval_where_the_lungs_are_seen_is_no_matter() -> None:
    assert "few images" not in verdict_on(thumbnail=area(0.6, 0.4, 0.9), whole_picture=area(0.9)).fix


@pytest.mark.parametrize(("low", "is_said"), [(0.5, False), (0.7, True), (0.9, True)])
def test_unknown_patients_put_a_shortcut_in_question(low: float, is_said: bool) -> None:
    found = area(0.95, low)
    caveat = "Not all patients are known"
    assert (caveat in verdict_on(outer_frame=found, patients_known=False).fix) == is_said
    assert caveat not in verdict_on(outer_frame=found).fix


def test_all_numbers_can_be_written_down() -> None:
    trained: dict[Sight, Area] = {"trained-model": area(0.9)}
    audit = judged({sight: area(0.5) for sight in SEEN}, trained, 7, patients_known=True)
    values = json.loads(json.dumps(audit.to_json()))
    assert values["verdict"] == "green"
    assert values["validation"]["trained-model"]["auroc"] == 0.9
    assert set(values["areas"]) == set(SEEN) > set(WITHOUT_LUNGS)
