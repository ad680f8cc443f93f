"""Results of images as lines, or as JSON."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from covid_desktop.cli.options import print_json
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.events import Event
from covid_desktop.core.prediction import INDETERMINATE, Prediction, probability_words
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_sections import caution_words
from covid_desktop.progress import ProgressLine

TURNS: Mapping[str, int] = {"left": 1, "right": 3, "half": 2}
"""What ``--turn`` may be, in quarter turns counter-clockwise."""

_ODD = "not like the training images"


def teller(
    progress: ProgressLine, *, as_json: bool, with_options: bool = False
) -> Callable[[Prediction | Event], None]:
    """An ``emit`` that prints each result as it comes, and shows the progress."""

    def tell(event: Prediction | Event) -> None:
        if not isinstance(event, Prediction):
            progress(event)
            return
        progress.clear()
        if as_json:
            print_json(event.to_json())
        else:
            print(prediction_line(event, with_options=with_options), flush=True)

    return tell


def prediction_line(prediction: Prediction, root: Path | None = None, *, with_options: bool = False) -> str:
    """The result of one image; ``with_options`` says which would mend an image that is not scored."""
    path = prediction.path.relative_to(root) if root else prediction.path
    if prediction.is_refused:
        return f"{path}: not scored: {_ODD}. {_reason(prediction, with_options)}"
    if prediction.score is None:
        return f"{path}: not scored. {prediction.error}"
    words = f"{path}: {prediction.label}, score {prediction.score:.3f} (threshold {prediction.threshold:g})"
    if prediction.probability is not None:
        words += f", {probability_words(prediction.probability).lower()}"
    if prediction.adjustment.words:
        words += f", {prediction.adjustment.words}"
    caution = caution_words(prediction)
    return f"{words}. {caution}" if caution else words


def summary_line(predictions: Sequence[Prediction]) -> str:
    """How many images there are, and how many of each result."""
    scored = [one for one in predictions if one.score is not None]
    refused = sum(one.is_refused for one in predictions)
    labels = Counter(one.label or "" for one in scored)
    counts = [(labels[name], name) for name in sorted(labels, key=lambda name: (name == INDETERMINATE, name))]
    counts += [(refused, _ODD), (len(predictions) - len(scored) - refused, "not readable")]
    words = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    line = f"{counted(len(predictions), 'image')}{': ' if words else ''}{words}."
    odd = sum(one.refusal is not None for one in scored)
    return f"{line} Scored though {_ODD}: {odd:,}." if odd else line


def _reason(prediction: Prediction, with_options: bool) -> str:
    """Such as "It seems to be inverted (try --invert)."."""
    reason = prediction.refusal or ""
    if not with_options or prediction.suggestion is None:
        return reason
    return f"{reason.removesuffix('.')} (try {_options(prediction.suggestion)})."


def _options(adjustment: Adjustment) -> str:
    names = {turns: name for name, turns in TURNS.items()}
    turn = f"--turn {names[adjustment.quarter_turns]}" if adjustment.quarter_turns else ""
    return " ".join(filter(None, ("--invert" if adjustment.is_inverted else "", turn)))
