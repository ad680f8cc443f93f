"""What every report is made of: one HTML file with no scripts and nothing from the network."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

from covid_desktop.core.document import Block, Bullets, Section, Table, printable
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.figures.report_pictures import Picture

PIXELS = 96  # of an inch, as HTML has them
_STYLE = """
@page { size: A4; margin: 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); } }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #000; background: #fff; }
body { margin: 0 auto; max-width: 44rem; padding: 0 1rem; overflow-wrap: anywhere; }
.page { width: 100%; border-collapse: collapse; table-layout: fixed; }
.page > thead > tr > td { padding: 0 0 .8rem; }
.page > thead p { border-bottom: 1px solid #000; margin: 0; padding: .4rem 0; font-weight: bold; }
.page > tbody > tr > td { padding: 0; }
h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 1.6em; } h3 { font-size: 11pt; }
h1, h2, h3 { break-after: avoid; line-height: 1.2; }
.rows { border-collapse: collapse; margin: .8em 0; font-variant-numeric: tabular-nums; }
.rows th, .rows td { border-bottom: 1px solid #999; padding: .25em .9em .25em 0; text-align: left; }
.rows th, .rows td { vertical-align: top; }
.rows tr, li { break-inside: avoid; }
.rows thead th { border-bottom: 1.5px solid #000; }
.rows[width] thead th { overflow-wrap: normal; }
.rows tbody th { font-weight: normal; min-width: 8em; }
img { max-width: 100%; height: auto; break-inside: avoid; }
@media print { body { max-width: none; padding: 0; } .page > thead { display: table-header-group; } }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_page(title: str, body: str, style: str = "") -> str:
    """One file for a browser, which says on each printed page what the model is not for.

    ``body`` is HTML; ``title`` is plain text, and ``style`` are rules beside those of every report.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)}</title>
<style>{_STYLE}{style}</style>
</head>
<body>
<table class="page" role="presentation">
<thead><tr><td><p>{text(RESEARCH_USE)}</p></td></tr></thead>
<tbody><tr><td>
{body}
</td></tr></tbody>
</table>
</body>
</html>
"""


def pictures_html(pictures: Sequence[Picture]) -> str:
    """In one paragraph: as many side by side as the page has room for."""
    return f"<p>{' '.join(map(picture_html, pictures))}</p>"


def picture_html(picture: Picture) -> str:
    """Within the page itself, of its size on paper."""
    data = base64.b64encode(picture.png).decode("ascii")
    width, height = round(picture.width * PIXELS), round(picture.height * PIXELS)
    size = f'width="{width}" height="{height}"'
    return f'<img {size} alt="{text(picture.words)}" src="data:image/png;base64,{data}">'


def section_html(section: Section) -> Iterator[str]:
    """Its heading and its blocks, each an element."""
    yield f"<h2>{text(section.title)}</h2>"
    yield from map(block_html, section.blocks)


def block_html(block: Block) -> str:
    match block:
        case Bullets():
            return f"<ul>{''.join(f'<li>{text(line)}</li>' for line in block.lines)}</ul>"
        case Table():
            return table_html(block)
        case _:
            return f"<p>{text(block)}</p>"


def table_html(table: Table, widths: Sequence[int] = ()) -> str:
    """``widths`` of its columns in percent of the page's; without them it is as wide as its words."""
    room = [f' width="{width}%"' for width in widths] or [""] * len(table.head)
    head = "".join(
        f'<th scope="col"{width}>{text(cell)}</th>' for cell, width in zip(table.head, room, strict=True)
    )
    rows = "\n".join(map(_row, table.rows))
    whole = ' width="100%"' if widths else ""
    return f'<table class="rows"{whole}><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'


def _row(cells: Sequence[str]) -> str:
    first, *others = map(text, cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def text(words: str) -> str:
    """Plain text as HTML that is read as it is."""
    return escape(printable(words))
