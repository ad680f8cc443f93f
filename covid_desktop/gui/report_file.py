"""Writes the report of an evaluation or of results, in the form that the name of its file asks for."""

from collections.abc import Sequence
from pathlib import Path

from covid_desktop.core.atomic import write_text
from covid_desktop.core.card_text import card_text
from covid_desktop.core.claim import claim_text
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.worklist_sections import Names, ReportedImage
from covid_desktop.errors import Stopped, UserError

ENDINGS = (".pdf", ".html", ".md")
WORKLIST_ENDINGS = (".pdf", ".html")


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


def write_worklist_report(
    path: Path,
    card: ModelCard,
    model_name: str,
    images: Sequence[ReportedImage],
    *,
    names: Names = "files",
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> Path:
    """PDF or HTML of the results of one image or of many, whole or not at all.

    ``model_name`` is the name of the model's file. Raises UserError, Stopped.
    """
    if not images:
        raise UserError("There are no results to report.", "Score images first.")
    emit(Progress(stage="Writing the report"))
    from covid_desktop import worklist_report

    title = worklist_report.title_of(images, names)
    parts = worklist_report.worklist_parts(card, model_name, images, names, should_stop)
    if should_stop():
        raise Stopped
    if path.suffix.lower() == ".html":
        write_text(path, worklist_report.worklist_html(title, parts))
        return path
    from covid_desktop.gui.pdf import write_pdf_parts

    write_pdf_parts(parts, title, path, emit, should_stop)
    return path
