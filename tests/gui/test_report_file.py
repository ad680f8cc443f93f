"""Reports of results as files: by their ending, whole or not at all, on numbered pages."""

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from covid_desktop.core.events import Event, Progress
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.review import Review
from covid_desktop.core.worklist_sections import ReportedImage
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui import pdf
from covid_desktop.gui.pdf import write_pdf_parts
from covid_desktop.gui.report_file import write_worklist_report

ODD = f"{'long_' * 40}<script>\U0001f600.png"
needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler's pdftotext")


def image(number: int, *, seen: bool = False, name: str = "") -> ReportedImage:
    path = Path(f"/SECRET-PLACE/{number:04}.png")
    heat = np.zeros((8, 8), np.float32)
    heat[2:4, 2:4] = 1
    return ReportedImage(
        name=name or path.name,
        prediction=Prediction(path=path, label="COVID-19", score=0.8, threshold=0.25, probability=0.7),
        review=Review(verdict="agreed"),
        pixels=draw_phantom(0, positive=True, size=64).pixels if seen else None,
        heatmap=heat if seen else None,
    )


def written(reported: SimpleNamespace, path: Path, *images: ReportedImage) -> str:
    """The words of each page of the PDF, apart by form feeds."""
    write_worklist_report(path, reported.card, "model.keras", images)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_ending_decides(reported: SimpleNamespace, tmp_path: Path) -> None:
    for name, begin in (("a.pdf", b"%PDF-"), ("b.HTML", b"<!DOCTYPE html>")):
        path = tmp_path / name
        assert write_worklist_report(path, reported.card, "model.keras", [image(0, seen=True)]) == path
        assert path.read_bytes().startswith(begin)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "b.HTML"]


@needs_pdftotext
def test_each_page_has_its_number_and_the_head_of_the_table(
    reported: SimpleNamespace, tmp_path: Path
) -> None:
    words = written(reported, tmp_path / "a.pdf", *(image(number) for number in range(300)))
    pages = words.split("\f")[:-1]
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert page.count(RESEARCH_USE) >= 2
        assert re.search(rf"\b{number} ?/ ?{len(pages)}$", page.strip())
        assert number == 1 or re.search("Image +Result +Score +Probability +Mark +Comment", page)
    assert re.findall(r"\b(\d{4})\.png", words) == [f"{number:04}" for number in range(300)]
    assert "SECRET" not in words


@needs_pdftotext
def test_a_long_name_is_wrapped_and_whole(reported: SimpleNamespace, tmp_path: Path) -> None:
    words = written(reported, tmp_path / "a.pdf", image(0, name=ODD), image(1))
    name = re.sub(r"\s|COVID-19|0\.800|0\.70|Agreed", "", words)  # the other cells stand in its first line
    assert name.count("long_") == 40
    assert "<script>" in name


@needs_pdftotext
def test_names_can_be_left_out(reported: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write_worklist_report(path, reported.card, "model.keras", [image(7), image(8)], names="numbers")
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert "Image 2" in done.stdout
    assert "0007" not in done.stdout


def test_progress_goes_on_to_the_last_page(reported: SimpleNamespace, tmp_path: Path) -> None:
    events: list[Event] = []
    images = [image(number) for number in range(60)]
    write_worklist_report(tmp_path / "a.pdf", reported.card, "model.keras", images, emit=events.append)
    told = [event for event in events if isinstance(event, Progress)]
    assert {event.stage for event in told} == {"Writing the report"}
    assert told[-1].done == told[-1].total - 1 > 1


@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_stopping_leaves_the_old_file(reported: SimpleNamespace, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text("old")
    with pytest.raises(Stopped):
        write_worklist_report(path, reported.card, "m.keras", [image(0), image(1)], should_stop=lambda: True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_stopping_between_parts_and_pages_leaves_nothing(tmp_path: Path, asked: int) -> None:
    answers = iter([False] * asked + [True])
    with pytest.raises(Stopped):
        write_pdf_parts(
            ["<p>a</p>", "<p>b</p>", "<p>c</p>"], "T", tmp_path / "a.pdf", should_stop=answers.__next__
        )
    assert list(tmp_path.iterdir()) == []


def test_each_part_begins_a_page(qapp: object, tmp_path: Path) -> None:
    write_pdf_parts(["<p>a</p>", "<p>b</p>"], "T", tmp_path / "a.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "a.pdf").read_bytes())) == 2


def test_one_part_looks_as_any_other_report(qapp: object, tmp_path: Path) -> None:
    one, other = tmp_path / "one.pdf", tmp_path / "other.pdf"
    body = "<h1>Title</h1><p>Text</p>"
    write_pdf_parts([body], "T", one)
    pdf.write_pdf(body, "T", other)
    streams = [
        re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL)[1] for path in (one, other)
    ]
    assert streams[0] == streams[1]


def test_nothing_to_report_is_said(reported: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no results to report"):
        write_worklist_report(tmp_path / "a.pdf", reported.card, "model.keras", [])


def test_a_place_that_cannot_be_written(reported: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.pdf could not be written"):
        write_worklist_report(tmp_path / "none" / "a.pdf", reported.card, "model.keras", [image(0)])
