"""Properties of files and exposure that alone tell the classes apart."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.audit import Area
from covid_desktop.core.dataset import Sample
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import Finding, Severity
from covid_desktop.core.properties import PROPERTIES, Property, columns
from covid_desktop.core.separability import area, can_be_judged, cross_validated, drawn, of_few_numbers
from covid_desktop.core.verdict import AMBER, RED
from covid_desktop.errors import Stopped

_EXAMPLES = 12
_WHY = "A network can learn it instead of the disease: typical of {1} is {positive}, of {0} {negative}."
_FIX_OF_FILE = (
    "Take both classes from the same source and machines, saved in the same way; converting the files "
    "afterwards hides the difference from the eye, not from a network."
)
_FIX_OF_EXPOSURE = (
    "The disease may do this too. Look at the images of both classes: where exposure or windowing differ, "
    "take both from the same source."
)


def confounder_findings(
    samples: Sequence[Sample],
    facts: Mapping[Path, ImageFacts],
    groups: Sequence[int],
    class_names: tuple[str, str],
    should_stop: ShouldStop = never,
) -> list[Finding]:
    """Each property with its cross-validated AUROC, where it is telling; the most telling first.

    At most 2,000 images are looked at; none where a class has images of too few patients. Raises Stopped.
    """
    chosen = drawn(groups)
    samples, groups = [samples[index] for index in chosen], [groups[index] for index in chosen]
    labels = [sample.label for sample in samples]
    if not can_be_judged(labels, groups):
        return []
    images = [facts[sample.path] for sample in samples]
    found = []
    for prop in PROPERTIES:
        if should_stop():
            raise Stopped
        inputs = columns([prop], images)
        if inputs.shape[1]:
            scores = cross_validated(of_few_numbers, inputs, labels, groups)
            judged = area(labels, scores, groups)
            if judged.low >= AMBER:
                found.append((judged.auroc, _finding(prop, judged, scores, samples, images, class_names)))
    return [finding for _, finding in sorted(found, key=lambda pair: -pair[0])]


def _finding(
    prop: Property,
    judged: Area,
    scores: NDArray[np.float64],
    samples: Sequence[Sample],
    images: Sequence[ImageFacts],
    class_names: tuple[str, str],
) -> Finding:
    negative, positive = (
        [facts for facts, sample in zip(images, samples, strict=True) if sample.label == label]
        for label in (0, 1)
    )
    severity: Severity = "serious" if judged.low >= RED and prop.of_file else "warning"
    shown = _clearest(scores, samples)
    words = {
        sample.path: f"{class_names[sample.label]}: {prop.words([facts])}"
        for sample, facts in zip(samples, images, strict=True)
    }
    return Finding(
        kind=f"confounder-{prop.key}",
        severity=severity,
        title=f"{prop.title} alone tells {class_names[1]} from {class_names[0]}: AUROC {judged.auroc:.2f} "
        f"(95 % interval {judged.low:.2f} to {judged.high:.2f}).",
        why=_WHY.format(*class_names, positive=prop.words(positive), negative=prop.words(negative)),
        fix=_FIX_OF_FILE if prop.of_file else _FIX_OF_EXPOSURE,
        groups=tuple((path,) for path in shown),
        notes={path: words[path] for path in shown},
        are_examples=True,
    )


def _clearest(scores: NDArray[np.float64], samples: Sequence[Sample]) -> list[Path]:
    """Of each class, positive first, the images that the property gives away most clearly."""
    order = [samples[index] for index in np.argsort(scores)]
    positive = [sample.path for sample in reversed(order) if sample.label]
    negative = [sample.path for sample in order if not sample.label]
    return positive[:_EXAMPLES] + negative[:_EXAMPLES]
