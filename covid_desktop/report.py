"""An evaluation as one HTML file: no scripts, nothing from the network, no names of files or patients."""

from collections.abc import Sequence

from covid_desktop.core.card_facts import audit_of, calibration_of
from covid_desktop.core.card_sections import card_sections, classes_of, names_of
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.figures.report_pictures import (
    audit_picture,
    curve_pictures,
    reliability_picture,
    set_pictures,
)
from covid_desktop.report_page import html_page, pictures_html, section_html, text

_ORDER = ("results", "threshold", "calibration", "indeterminate", "audit", "check")


def evaluation_html(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    """One file for a browser, which says on each printed page what the model is not for."""
    return html_page(title_of(card), evaluation_body(card, judgements))


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
    parts = [f"<h1>{text(title_of(card))}</h1>"]
    for key in (*_ORDER, *(key for key in sections if key not in _ORDER)):
        parts += [*section_html(sections[key]), pictures.get(key, "")]
    parts.append(f"<p><strong>{text(RESEARCH_USE)}</strong></p>")
    return "\n".join(part for part in parts if part)


def _result_pictures(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    if not judgements:
        return ""
    names = names_of(judgements)
    evaluations = [judgement.evaluation for judgement in judgements]
    parts = [pictures_html(curve_pictures(list(zip(names, evaluations, strict=True))))]
    for name, evaluation in zip(names, evaluations, strict=True):
        shown = set_pictures(evaluation, classes_of(card), card.indeterminate)
        parts += [f"<h3>{text(name)}</h3>", pictures_html(shown)]
    return "\n".join(parts)


def _calibration_pictures(card: ModelCard, judgements: Sequence[Judgement]) -> str:
    calibration, parts = calibration_of(card), []
    for name, judgement in zip(names_of(judgements), judgements, strict=True):
        shown = [reliability_picture(name, judgement.evaluation, calibration)]
        parts += [f"<h3>{text(name)}</h3>", pictures_html(shown)]
    return "\n".join(parts)


def _audit_pictures(card: ModelCard) -> str:
    audit = audit_of(card)
    return pictures_html([audit_picture(audit)]) if audit else ""
