"""Writes the report of an evaluation, in the form that the name of its file asks for."""

from collections.abc import Sequence
from pathlib import Path

from covid_desktop.core.atomic import write_text
from covid_desktop.core.card_text import card_text
from covid_desktop.core.claim import claim_text
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard

ENDINGS = (".pdf", ".html", ".md")


def write_report(
    path: Path,
    card: ModelCard,
    judgements: Sequence[Judgement],
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,  # noqa: ARG001
) -> Path:
    """PDF, HTML, or Markdown (the model card and a CLAIM draft), whole or not at all. Raises UserError."""
    emit(Progress(stage="Writing the report"))
    ending = path.suffix.lower()
    if ending == ".md":
        write_text(path, f"{card_text(card, judgements)}\n{claim_text(card, judgements)}")
        return path
    # What draws takes a while to import.
    from covid_desktop import report

    if ending == ".html":
        write_text(path, report.evaluation_html(card, judgements))
        return path
    from covid_desktop.gui.pdf import write_pdf

    write_pdf(report.evaluation_body(card, judgements), report.title_of(card), path)
    return path
