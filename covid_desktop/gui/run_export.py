"""What of the runs can be saved as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.backends import backend_svg  # noqa: F401 (savefig finds it by name, a bundle only so)
from matplotlib.figure import Figure

from covid_desktop.core.atomic import write_text, written_whole
from covid_desktop.core.run_comparison import curves_csv, table_csv
from covid_desktop.core.runs import Run
from covid_desktop.figures.run_curves import RunCurve, run_curves_figure
from covid_desktop.figures.training_curves import training_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An entry of the menu, and the file's usual name and its ending."""

    key: str
    text: str
    suggestion: str
    ending: str


EXPORTS = (
    Export(key="runs_table", text="Table as CSV", suggestion="runs.csv", ending=".csv"),
    Export(key="runs_curves_csv", text="Curves as CSV", suggestion="curves.csv", ending=".csv"),
    Export(key="runs_curves_png", text="Curves as PNG", suggestion="curves.png", ending=".png"),
    Export(key="runs_curves_svg", text="Curves as SVG", suggestion="curves.svg", ending=".svg"),
)


def write_export(export: Export, runs: Sequence[Run], file: Path) -> None:
    """Write what is chosen of the runs, whole or not at all. Raises UserError."""
    if export.ending == ".csv":
        write_text(file, table_csv(runs) if export.key == "runs_table" else curves_csv(runs))
        return
    with written_whole(file) as temporary:
        _figure(runs).savefig(temporary, format=export.ending[1:])


def _figure(runs: Sequence[Run]) -> Figure:
    """In the colours of paper."""
    if len(runs) == 1:
        return training_figure(runs[0].history)
    return run_curves_figure([RunCurve(name=run.title, history=run.history) for run in runs])
