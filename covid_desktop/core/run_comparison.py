"""How training runs compare: on the validation images that two have in common, and by their settings."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.comparison import Difference, auroc_difference
from covid_desktop.core.config import LIMITS
from covid_desktop.core.delong import delong
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.runs import VALIDATION, Run
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_cells import text_cell

Scores = dict[tuple[str, int], float]
"""The score of each image, by its SHA-256 and its label."""

_COLUMNS = ["sha256", "label", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """AUROC of two runs on the ``n`` validation images that both have, and the first less the second."""

    first: float
    second: float
    n: int
    difference: Difference


def validation_csv(hashes: Sequence[str], evaluation: Evaluation) -> str:
    """A row per validation image, named by the hash of its content alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(zip(hashes, evaluation.labels, evaluation.scores, strict=True))
    return text.getvalue()


def validation_scores(run: Run) -> Scores:
    """What ``validation_csv`` wrote; empty where there is none, as of old runs, or it is damaged."""
    try:
        text = run.model.with_suffix(VALIDATION).read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        found = {(row["sha256"], int(row["label"])): float(row["score"]) for row in rows}
    except (OSError, ValueError, TypeError, KeyError, csv.Error):
        return {}
    is_sound = all(label in (0, 1) and math.isfinite(score) for (_, label), score in found.items())
    return found if is_sound else {}


def compare(first: Run, second: Run) -> Comparison | None:
    """On images that neither learnt from. None where they have too few in common, or other classes."""
    if not (first.card and second.card) or first.card.class_names != second.card.class_names:
        return None
    one, other = validation_scores(first), validation_scores(second)
    seen = first.training_hashes | second.training_hashes
    common = sorted(image for image in one.keys() & other.keys() if image[0] not in seen)
    labels = tuple(label for _, label in common)
    if len(set(labels)) < 2:
        return None
    mine, theirs = (tuple(scores[image] for image in common) for scores in (one, other))
    areas, _ = delong(labels, mine, theirs)
    return Comparison(
        first=float(areas[0]),
        second=float(areas[1]),
        n=len(labels),
        difference=auroc_difference(labels, mine, theirs),
    )


def comparison_words(named: Mapping[str, Run]) -> list[str]:
    """Which run of each two is better, in sentences; the runs by what they are called in them."""
    unknown = [name for name, run in named.items() if not validation_scores(run)]
    sentences = [f"What {' and '.join(unknown)} scored on validation images was not kept."] if unknown else []
    pairs = combinations([name for name in named if name not in unknown], 2)
    return [_pair_words(named[first], named[second], (first, second)) for first, second in pairs] + sentences


def _pair_words(first: Run, second: Run, names: tuple[str, str]) -> str:
    pair = " and ".join(names)
    found = compare(first, second)
    if found is None:
        return f"{pair} cannot be compared: they have no validation images of both classes in common."
    apart = found.difference
    numbers = (
        f"AUROC {found.first:.3f} and {found.second:.3f} on the {counted(found.n, 'validation image')} that "
        f"both have: a difference of {apart.value:+.3f} (95 % interval {apart.low:+.3f} to {apart.high:+.3f})"
    )
    if apart.low <= 0 <= apart.high:
        return f"{pair}: {numbers}. That may be chance."
    return f"{pair}: {numbers}. {names[apart.value < 0]} is better on them."


def settings(run: Run) -> dict[str, str]:
    """What decided the run, in words; empty where its card cannot be read."""
    if run.card is None:
        return {}
    config = run.card.config.resolved()
    augmentation = config.augmentation
    started = run.history.started
    return {
        "Network": ARCHITECTURES[config.architecture].title,
        LIMITS["epochs"].label: f"{config.epochs}",
        LIMITS["batch_size"].label: f"{config.batch_size}",
        LIMITS["image_size"].label: f"{config.image_size}",
        LIMITS["learning_rate"].label: f"{config.learning_rate:g}",
        LIMITS["patience"].label: f"{config.patience}",
        "Class weights": _switch(config.class_weights),
        LIMITS["augmentation.rotation"].label: f"{augmentation.rotation:g}°",
        LIMITS["augmentation.zoom"].label: f"{augmentation.zoom:g}",
        "Horizontal flip": _switch(augmentation.horizontal_flip),
        "Vertical flip": _switch(augmentation.vertical_flip),
        LIMITS["seed"].label: f"{config.seed}",
        "Classes": " and ".join(run.card.class_names),
        "Training images": f"{started.training:,}" if started else "-",
        "Data": run.data or "-",
        "Program": str(run.card.versions.get("covid_desktop", "-")),
    }


def settings_that_differ(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """The name of each setting that is not the same in all runs, and its value in each."""
    each = [settings(run) for run in runs]
    names = dict.fromkeys(name for values in each for name in values)
    rows = [(name, *(values.get(name, "-") for values in each)) for name in names]
    return [row for row in rows if len(set(row[1:])) > 1]


def table_csv(runs: Sequence[Run]) -> str:
    """A row per run, with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_row(runs[0])) if runs else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(run) for run in runs)
    return text.getvalue()


def curves_csv(runs: Sequence[Run]) -> str:
    """A row per run and epoch, with a header; the run in the first column."""
    lines = []
    for run in runs:
        header, *rows = run.history.to_csv().splitlines()
        lines += [f"{_quoted(text_cell(run.title))},{row}" for row in rows]
    return "\n".join([f"run,{header}", *lines, ""]) if runs else ""


def _row(run: Run) -> dict[str, object]:
    best = run.history.best
    return {
        "began": run.began.isoformat(sep=" ", timespec="seconds") if run.began else "",
        "name": text_cell(run.title),
        "folder": text_cell(run.folder.name),
        "architecture": run.card.architecture if run.card else "",
        "epochs": len(run.history.epochs),
        "best_epoch": best.epoch if best else "",
        "validation_auroc": "" if run.auroc is None else run.auroc,
        "validation_accuracy": "" if run.accuracy is None else run.accuracy,
        "validation_images": "" if run.n is None else run.n,
        "audit": run.verdict or "",
        "data": text_cell(run.data),
        "note": text_cell(run.note),
        "problem": text_cell(run.problem),
    }


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"
