"""The report on paper: whole pages, each with its number and what it is not for."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QTextBlock, QTextCursor, QTextDocument, QTextTable

from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.errors import UserError
from covid_desktop.gui import pdf
from covid_desktop.gui.pages import align_cells, keep_together
from covid_desktop.gui.pdf import write_pdf
from covid_desktop.report import evaluation_body

PAGE = QSizeF(657, 985)
HEIGHT = 200.0
WITHOUT_DISPLAY = """
import sys
from pathlib import Path
from covid_desktop.gui.pdf import write_pdf
write_pdf("<h1>Title</h1><p>Text</p>", "Title", Path(sys.argv[1]))
"""


def document(html: str, height: float = HEIGHT) -> QTextDocument:
    """On pages of a height, with nothing kept together."""
    made = QTextDocument()
    made.setDocumentMargin(0)
    made.setHtml(html)
    made.setPageSize(QSizeF(300, height))
    made.pageCount()
    return made


def blocks(made: QTextDocument) -> Iterator[QTextBlock]:
    block = made.begin()
    while block.isValid():
        yield block
        block = block.next()


def lines(made: QTextDocument) -> Iterator[tuple[str, float, float]]:
    """Each line outside of tables: its block's text, and where it begins and ends."""
    for block in blocks(made):
        if not QTextCursor(block).currentTable():
            top = made.documentLayout().blockBoundingRect(block).top()
            for number in range(block.layout().lineCount()):
                line = block.layout().lineAt(number)
                yield block.text(), top + line.y(), top + line.y() + line.height()


def page_of(made: QTextDocument, text: str) -> int:
    """Where a line with a text begins."""
    top = next(top for words, top, _ in lines(made) if words == text)
    return int(top // made.pageSize().height())


def table_of(made: QTextDocument) -> QTextTable:
    return next(frame for frame in made.rootFrame().childFrames() if isinstance(frame, QTextTable))


def filled(points: int) -> str:
    """A line as high as so many pixels."""
    return f'<p style="margin:0"><img width="10" height="{points}"></p>'


# --- pages


def test_no_line_and_no_figure_is_cut_at_the_end_of_a_page(reported: SimpleNamespace) -> None:
    made = pdf._document(evaluation_body(reported.card, reported.judgements), PAGE)
    height = made.pageSize().height()
    placed = list(lines(made))
    assert sum("\ufffc" in text for text, _, _ in placed) >= 6
    assert [text for text, top, bottom in placed if top // height != (bottom - 1) // height] == []
    assert max(line.naturalTextWidth() for line in map(first_line, blocks(made))) <= PAGE.width()


def first_line(block: QTextBlock) -> SimpleNamespace:
    known = block.layout().lineCount()
    return SimpleNamespace(naturalTextWidth=block.layout().lineAt(0).naturalTextWidth if known else lambda: 0)


def test_no_heading_stands_alone_at_the_foot_of_a_page() -> None:
    made = pdf._document(f"{filled(880)}<h3>Head</h3>{filled(300)}", PAGE)
    assert page_of(made, "Head") == 1
    assert made.pageCount() == 2


def test_a_heading_goes_with_what_follows() -> None:
    html = f"{filled(150)}<h3>Head</h3>{filled(120)}"
    before = document(html)
    assert page_of(before, "Head") == 0
    keep_together(before)
    assert page_of(before, "Head") == 1
    assert before.pageCount() == 2


def test_a_short_table_is_not_cut_and_brings_its_heading() -> None:
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(4))
    made = document(f"{filled(100)}<h3>Head</h3><p>About it.</p><table>{rows}</table>")
    keep_together(made)
    place = made.documentLayout().frameBoundingRect(table_of(made))
    assert place.top() // HEIGHT == (place.bottom() - 1) // HEIGHT == 1
    assert page_of(made, "Head") == page_of(made, "About it.") == 1


def test_a_long_table_begins_where_there_is_room() -> None:
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(40))
    made = document(f"<p>About it.</p><table>{rows}</table>")
    keep_together(made)
    assert page_of(made, "About it.") == 0
    assert made.documentLayout().frameBoundingRect(table_of(made)).top() < HEIGHT


def test_only_the_head_of_a_table_is_bold() -> None:
    made = document("<table><tr><th>H</th></tr><tr><th>R</th></tr></table>")
    align_cells(made)
    weights = [table_of(made).cellAt(row, 0).firstCursorPosition() for row in (0, 1)]
    for cursor in weights:
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
    assert [cursor.charFormat().fontWeight() for cursor in weights] == [700, 400]


def test_the_head_and_the_foot_of_a_page_say_what_it_is_not_for() -> None:
    image = QImage(657, 985, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    pdf._paint_frame(painter, PAGE, 1, 2)
    painter.end()
    dark = [
        any(image.pixelColor(x, y).lightness() < 100 for x in range(0, 250)) for y in range(image.height())
    ]
    assert any(dark[:24])
    assert any(dark[-24:])
    assert not any(dark[24:-24])


# --- files


def test_the_file_has_a4_pages(reported: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    body = evaluation_body(reported.card, reported.judgements)
    write_pdf(body, "A title", path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == pdf._document(body, PAGE).pageCount()
    boxes = [float(number) for number in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+)", content)]
    assert boxes == pytest.approx([595] * len(boxes), abs=1)
    assert boxes
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler's pdftotext")
def test_each_page_has_its_number_and_names_no_path(reported: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pdf(evaluation_body(reported.card, reported.judgements), "A title", path)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.count(RESEARCH_USE) >= 2
        assert re.search(rf"\b{number} ?/ ?{len(pages)}$", page.strip())
    assert "north, validation" in done.stdout
    assert [secret for secret in reported.secrets if secret in done.stdout] == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"report\.pdf could not be written"):
        write_pdf("<p>a</p>", "A title", tmp_path / "nowhere" / "report.pdf")


def test_an_old_file_stays_where_the_new_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pdf, "_paint", fail)
    path = tmp_path / "report.pdf"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_pdf("<p>a</p>", "A title", path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_needs_no_display_and_no_window(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    unset = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-c", WITHOUT_DISPLAY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes().startswith(b"%PDF-")
