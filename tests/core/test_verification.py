"""What a verification says: a tick or a cross for each way, and whether the model may be used."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core.fixed_set import COUNT, write_fixed_set
from covid_desktop.core.image import decode, describe
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.verification import (
    BATCH,
    COMMAND_LINE,
    FILE,
    PANEL,
    WAYS,
    Verification,
    Way,
    compared,
    failed,
    scientific,
)

LITERT = next(way for way in WAYS if way.export == "litert")
ONNX = next(way for way in WAYS if way.export == "onnx")
SCORES = (0.125, 0.875)


def verification(differences: dict[Way, float | None], scores: tuple[float, ...] = SCORES) -> Verification:
    """Ways that are not named have no difference; None is one that raised something."""
    checks = []
    for way in WAYS:
        difference = differences.get(way, 0.0)
        checks.append(failed(way, "It broke.") if difference is None else compared(way, difference))
    return Verification(checks=tuple(checks), scores=scores)


# --- words


def test_the_same_scores_in_all_ways() -> None:
    found = verification({BATCH: 1e-5, FILE: 2.4e-7, LITERT: 1e-4})
    assert found.passed
    assert found.sentence == "The model gives the same scores in all nine ways."
    assert (found.refusal, found.refused_exports, found.caution) == ("", (), "")
    words = {check.name: check.words for check in found.checks}
    assert words["Panel"] == "No difference."
    assert words["Batch"] == "At most 1e-5 apart."
    assert words["File"] == "At most 3e-7 apart."
    assert words["LiteRT export"] == "At most 1e-4 apart."


def test_different_scores_in_the_program_refuse_the_model() -> None:
    found = verification({BATCH: 0.02, COMMAND_LINE: None, ONNX: None})
    assert not found.passed
    refusal = (
        "The model gives different scores on this computer: batch, command line. Do not use its results."
    )
    assert found.refusal == found.sentence == refusal
    assert found.refused_exports == ("ONNX export",)


def test_no_scores_are_not_called_different_scores() -> None:
    found = verification({COMMAND_LINE: None})
    assert found.refusal == (
        "The model does not give its scores in every way on this computer: command line. "
        "Do not use its results."
    )


def test_exports_that_differ_are_refused_alone() -> None:
    found = verification({LITERT: 2e-3, ONNX: None})
    assert (found.passed, found.refusal) == (False, "")
    assert found.refused_exports == ("LiteRT export", "ONNX export")
    assert found.sentence == (
        "The model gives the same scores in this program. Do not use: LiteRT export, ONNX export."
    )


def test_the_limit_is_the_way_s_own() -> None:
    assert {way.name for way in WAYS if way.limit > 1e-5} == {"LiteRT export", "ONNX export"}
    assert [compared(way, 2e-5).passed for way in (BATCH, LITERT)] == [False, True]
    assert compared(BATCH, 0.0123).words == "Up to 2e-2 apart; 1e-5 is allowed."


def test_scores_that_are_all_alike_prove_little() -> None:
    alike = verification({}, scores=(0.5, 0.5003))
    assert alike.passed
    assert alike.caution in alike.to_text()
    assert "says little" in alike.caution
    assert verification({}, scores=()).caution == ""
    assert verification({PANEL: 0.1}, scores=(0.5, 0.5)).caution == ""


def test_the_text_has_a_line_for_each_way() -> None:
    lines = verification({BATCH: 0.02, ONNX: None}).to_text().splitlines()
    assert len(lines) == 1 + len(WAYS) + 1
    assert lines[0].endswith("Do not use its results.")
    assert lines[1:3] == [
        "Panel: passed. No difference.",
        "Batch: different. Up to 2e-2 apart; 1e-5 is allowed.",
    ]
    assert lines[-2] == "ONNX export: failed. It broke."
    assert lines[-1] == "Scores of 2 simulated radiographs: 0.125 to 0.875."


@pytest.mark.parametrize(
    ("number", "words"),
    [(1e-5, "1e-5"), (1e-3, "1e-3"), (1.01e-7, "2e-7"), (9.5e-8, "1e-7"), (3e-7, "3e-7"), (0.5, "5e-1")],
)
def test_one_digit_rounded_up(number: float, words: str) -> None:
    assert scientific(number) == words
    assert float(scientific(number)) >= number


# --- the fixed set


def test_every_file_of_the_fixed_set_is_read_as_it_was_drawn(tmp_path: Path) -> None:
    images = write_fixed_set(tmp_path)
    assert len(images) == COUNT == len(list(tmp_path.iterdir()))
    for image in images:
        np.testing.assert_array_equal(decode(image.path), image.picture)
    assert {describe(image.path).format for image in images} == {"PNG", "JPEG", "TIFF", "DICOM"}


def test_the_fixed_set_has_both_classes_colour_depth_and_inversion(tmp_path: Path) -> None:
    images = write_fixed_set(tmp_path)
    healthy = draw_phantom(7_000_000, positive=False, size=256).pixels
    ill = draw_phantom(7_000_005, positive=True, size=256).pixels
    np.testing.assert_array_equal(images[0].picture, healthy)
    np.testing.assert_array_equal(images[5].picture, ill)
    assert sum(image.picture.ndim == 3 for image in images) == 2
    with Image.open(images[2].path) as deep:
        assert deep.mode.startswith("I;16")
    assert b"MONOCHROME2" in images[5].path.read_bytes()
    assert b"MONOCHROME1" in images[6].path.read_bytes()


def test_the_fixed_set_is_the_same_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    first, second = map(write_fixed_set, folders)
    assert [one.path.read_bytes() for one in first] == [one.path.read_bytes() for one in second]
