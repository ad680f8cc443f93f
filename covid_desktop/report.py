"""An evaluation as one HTML file: no scripts, nothing from the network, no names of files or patients."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

from covid_desktop.core.card_facts import audit_of, calibration_of
from covid_desktop.core.card_sections import card_sections, classes_of, names_of
from covid_desktop.core.document import Block, Bullets, Section, Table, printable
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.figures.report_pictures import (
    Picture,
    audit_picture,
    curve_pictures,
    reliability_picture,
    set_pictures,
)

PIXELS = 96  # of an inch, as HTML has them
_ORDER = ("results", "threshold", "calibration", "indeterminate", "audit", "check")
_STYLE = """
@page { size: A4; margin: 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); } }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #000; background: #fff; }
body { margin: 0 auto; max-width: 44rem; padding: 0 1rem; overflow-wrap: anywhere; }
.page { width: 100%; border-collapse: collapse; }
.page > thead > tr > td { border-bottom: 1px solid #000; padding: .4rem 0; font-weight: bold; }
.page > tbody > tr > td { padding: 0; }
h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 1.6em; } h3 { font-size: 11pt; }
h1, h2, h3 { break-after: avoid; line-height: 1.2; }
.rows { border-collapse: collapse; margin: .8em 0; font-variant-numeric: tabular-nums; }
.rows th, .rows td { border-bottom: 1px solid #999; padding: .25em .9em .25em 0; text-align: left; }
.rows th, .rows td { vertical-align: top; }
.rows tr, li { break-inside: avoid; }
.rows thead th { border-bottom: 1.5px solid #000; }
.rows tbody th { font-weight: normal; }
img { max-width: 100%; height: auto; break-inside: avoid; }
@media print { body { max-width: none; padding: 0; } .page > thead { display: table-header-group; } }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def evaluation_html(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    """One file for a browser, which says on each printed page what the model is not for."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(title_of(card))}</title>
<style>{_STYLE}</style>
</head>
<body>
<table class="page" role="presentation">
<thead><tr><td>{_text(RESEARCH_USE)}</td></tr></thead>
<tbody><tr><td>
{evaluation_body(card, judgements)}
</td></tr></tbody>
</table>
</body>
</html>
"""


def title_of(card: ModelCard) -> str:
    return f"Evaluation: {' / '.join(classes_of(card))}"


def evaluation_body(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    """Headings, paragraphs, lists, tables and pictures alone, for whoever makes pages of them."""
    sections = {section.key: section for section in card_sections(card, judgements)}
    pictures = {
        "results": _result_pictures(card, judgements),
        "calibration": _calibration_pictures(card, judgements),
        "audit": _audit_pictures(card),
    }
    parts = [f"<h1>{_text(title_of(card))}</h1>"]
    for key in (*_ORDER, *(key for key in sections if key not in _ORDER)):
        parts += [*_section(sections[key]), pictures.get(key, "")]
    parts.append(f"<p><strong>{_text(RESEARCH_USE)}</strong></p>")
    return "\n".join(part for part in parts if part)


def _result_pictures(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    if not judgements:
        return ""
    names = names_of(judgements)
    evaluations = [judgement.evaluation for judgement in judgements]
    parts = [_pictures(curve_pictures(list(zip(names, evaluations, strict=True))))]
    for name, evaluation in zip(names, evaluations, strict=True):
        shown = set_pictures(evaluation, classes_of(card), card.indeterminate)
        parts += [f"<h3>{_text(name)}</h3>", _pictures(shown)]
    return "\n".join(parts)


def _calibration_pictures(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    calibration = calibration_of(card)
    return "\n".join(
        f"<h3>{_text(name)}</h3>\n{_pictures([reliability_picture(name, judgement.evaluation, calibration)])}"
        for name, judgement in zip(names_of(judgements), judgements, strict=True)
    )


def _audit_pictures(card: ModelCard) -> str:
    audit = audit_of(card)
    return _pictures([audit_picture(audit)]) if audit else ""


def _pictures(pictures: Sequence[Picture]) -> str:
    """In one paragraph: as many side by side as the page has room for."""
    return f"<p>{' '.join(map(_picture, pictures))}</p>"


def _picture(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode("ascii")
    width, height = round(picture.width * PIXELS), round(picture.height * PIXELS)
    size = f'width="{width}" height="{height}"'
    return f'<img {size} alt="{_text(picture.words)}" src="data:image/png;base64,{data}">'


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{_text(section.title)}</h2>"
    yield from map(_block, section.blocks)


def _block(block: Block) -> str:
    match block:
        case Bullets():
            return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in block.lines)}</ul>"
        case Table():
            head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in block.head)
            rows = "\n".join(map(_row, block.rows))
            return f'<table class="rows"><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'
        case _:
            return f"<p>{_text(block)}</p>"


def _row(cells: Sequence[str]) -> str:
    first, *others = map(_text, cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def _text(text: str) -> str:
    return escape(printable(text))
