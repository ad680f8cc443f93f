"""What is to be said of a model and its evaluations, section by section, for whatever is written of them.

Folders are named by their last part; neither files nor patients are named.
"""

from collections.abc import Sequence

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.audit import SIGHT_NAMES
from covid_desktop.core.calibration import FEWEST, expected_calibration_error
from covid_desktop.core.card_facts import (
    audit_of,
    best_epoch,
    calibration_of,
    doubts_about_sets,
    findings_of,
    set_facts,
)
from covid_desktop.core.comparison import drop_words
from covid_desktop.core.config import Augmentation
from covid_desktop.core.document import Block, Bullets, Section, Table, printable
from covid_desktop.core.indeterminate import Band, band_words
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import Measure, measures
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.operating_point import frequencies, frequency_words
from covid_desktop.core.words import counted

RESEARCH_USE = "Research use only. Not a medical device, not for diagnosis."
AUTHOR = "To be filled by the author."
COLUMNS = 3  # sets of images side by side: more do not fit the width of a page
_PREVALENCE = 0.05
_CLUSTERED = "The intervals take images for independent: where many are of one patient, they are too narrow."
Named = tuple[str, Judgement]


def card_sections(card: ModelCard, judgements: Sequence[Judgement]) -> tuple[Section, ...]:
    """All that is known, in the order of a model card."""
    named = list(zip(names_of(judgements), judgements, strict=True))
    contents: list[tuple[str, str, list[Block]]] = [
        ("use", "Intended use and limits", _use(card, named)),
        ("data", "Data", _data(card, named)),
        ("split", "Split", _split(card)),
        ("settings", "Network and settings", _settings(card)),
        ("versions", "Versions", _versions(card)),
        ("results", "Results", _results(card, named)),
        ("threshold", "Threshold", _threshold(card, named)),
        ("calibration", "Calibration", _calibration(card, named)),
        ("indeterminate", "Indeterminate scores", _indeterminate(card, named)),
        ("audit", "Shortcut audit", _audit(card)),
        ("check", "Check of the data", _check(card)),
    ]
    return tuple(Section(key=key, title=title, blocks=tuple(blocks)) for key, title, blocks in contents)


def names_of(judgements: Sequence[Judgement]) -> list[str]:
    """What each is called: no two alike, and nothing in them that cannot be printed."""
    names: list[str] = []
    for judgement in judgements:
        name = printable(judgement.name)
        same = sum(printable(other.name) == name for other in judgements[: len(names)])
        names.append(f"{name} ({same + 1})" if same else name)
    return names


def classes_of(card: ModelCard) -> tuple[str, str]:
    negative, positive = map(printable, card.class_names)
    return negative, positive


def value_words(measure: Measure) -> str:
    """A value and its interval, as in a cell of a table."""
    if measure.value is None:
        return "\N{EN DASH}"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.3f}"
    return f"{measure.value:.3f} ({measure.low:.3f} to {measure.high:.3f})"


# --- what it is for


def _use(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    negative, positive = classes_of(card)
    limits = [
        f"It knows two classes alone, {negative} and {positive}, and gives every picture a score of "
        f"{positive}, also one that shows neither, such as another disease or another part of the body.",
        "The score orders images; it is a probability only where a calibration says so.",
        "Images from other hospitals, machines or times than those it learnt from may be called worse.",
    ]
    limits += [f"{name}: {judgement.caution}" for name, judgement in named if judgement.caution]
    return [
        f"Made to study how well chest images of the classes {negative} and {positive} can be told apart. "
        "It must not be used to decide about a patient.",
        Bullets(lines=tuple(limits)),
        f"Intended users, population, kind of images and setting: {AUTHOR}",
        f"Known harms, and who may be called worse (age, sex, devices, hospitals): {AUTHOR}",
    ]


# --- what it was made of


def _data(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    negative, positive = classes_of(card)
    rows = []
    for subset in ("training", "validation"):
        if facts := set_facts(card, subset):
            numbers = (facts.negative + facts.positive, facts.negative, facts.positive)
            rows.append((subset.capitalize(), *(f"{number:,}" for number in numbers)))
    judged = [
        (name, *(f"{number:,}" for number in (one.evaluation.n, *_class_counts(one)))) for name, one in named
    ]
    blocks: list[Block] = []
    if rows:
        blocks += ["The model was made of:", _table(("Set", "Images", negative, positive), rows)]
        blocks.append(Bullets(lines=tuple(_digests(card))))
    else:
        blocks.append("What the model was made of is not in its card.")
    if judged:
        blocks += ["It was judged on:", _table(("Images of", "Images", negative, positive), judged)]
        blocks += [Bullets(lines=known)] if (known := _known_images(named)) else []
    blocks.append(
        "Where the images come from, when and with which machines they were made, how the classes were "
        f"decided, who was left out, consent and ethics: {AUTHOR}"
    )
    return blocks


def _digests(card: ModelCard) -> list[str]:
    """By which anyone who has the images can see that they are the same."""
    found = {subset: set_facts(card, subset) for subset in ("training", "validation")}
    return [
        f"SHA-256 of the sorted SHA-256 hashes of the {subset} images, one a line: {facts.digest}"
        for subset, facts in found.items()
        if facts
    ]


def _known_images(named: Sequence[Named]) -> tuple[str, ...]:
    return tuple(
        f"{name}: {counted(number, 'image')} of {one.evaluation.n:,} in the model's {subset} set."
        for name, one in named
        for subset, number in (("training", one.in_training), ("validation", one.in_validation))
        if number
    )


def _split(card: ModelCard) -> list[Block]:
    lines = [
        "Sets that the folder names are kept; other images are divided by lot, a fifth for validation, "
        "with the same share of each class in both.",
        "Where images are divided by lot, those of one patient and copies of one picture stay together.",
        f"The seed is {card.config.seed}: the same images are divided in the same way again.",
        *doubts_about_sets(card),
    ]
    return [Bullets(lines=tuple(lines))]


def _settings(card: ModelCard) -> list[Block]:
    config, seen, network = card.config, card.preprocessing, ARCHITECTURES[card.architecture]
    epoch = best_epoch(card)
    rows = [
        ("Network", f"{network.title}. {network.description}"),
        (
            "Input",
            f"{seen.width} x {seen.height} pixels, {'grey' if seen.channels == 1 else 'RGB'}, "
            f"made to fit by: {seen.fit}",
        ),
        ("Output", f"score of {classes_of(card)[1]}, 0 to 1"),
        ("Loss and optimizer", "binary cross-entropy, Adam"),
        ("Learning rate", _number(config.learning_rate or network.learning_rate)),
        ("Batch size", _number(config.batch_size or network.batch_size)),
        ("Epochs", f"at most {config.epochs}, patience {config.patience}"),
        ("Epoch kept", f"{epoch}, the one with the lowest validation loss" if epoch else "not known"),
        ("Rarer class weighs more", "yes" if config.class_weights else "no"),
        ("Augmentation", _augmentation(config.augmentation)),
        ("Seed", f"{config.seed}"),
        ("Trained", card.created or "not known"),
    ]
    return [_table(("Setting", "Value"), rows)]


def _augmentation(changes: Augmentation) -> str:
    if changes.is_off:
        return "none"
    flips = {"left to right": changes.horizontal_flip, "upside down": changes.vertical_flip}
    flipped = " and ".join(name for name, is_on in flips.items() if is_on) or "not at all"
    return (
        f"turned by up to {_number(changes.rotation)} degrees, sides changed by a share of up to "
        f"{_number(changes.zoom)}, flipped {flipped}"
    )


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _versions(card: ModelCard) -> list[Block]:
    if not card.versions:
        return ["The versions are not in the card."]
    return [_table(("Library", "Version"), [(name, str(one)) for name, one in card.versions.items()])]


# --- how it does


def _results(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    if not named:
        return ["The model has not been evaluated for this card."]
    found = [(name, judgement, measures(judgement.evaluation)) for name, judgement in named]
    blocks: list[Block] = [_cautions(named)] if any(one.caution for _, one in named) else []
    for start in range(0, len(found), COLUMNS):
        part = found[start : start + COLUMNS]
        rows = [
            ("Images", *(f"{one.evaluation.n:,}" for _, one, _ in part)),
            *(
                (f"of them {class_name}", *(f"{_class_counts(one)[label]:,}" for _, one, _ in part))
                for label, class_name in enumerate(classes_of(card))
            ),
            ("Threshold", *(f"{one.evaluation.threshold:.3f}" for _, one, _ in part)),
        ]
        for key, measure in part[0][2].items():
            rows.append((measure.name, *(value_words(each[key]) for _, _, each in part)))
        rows += _confusion_rows([judgement for _, judgement, _ in part])
        blocks.append(_table(("95 % interval in brackets", *(name for name, _, _ in part)), rows))
    blocks.append(Bullets(lines=tuple(_methods([(name, each) for name, _, each in found]))))
    blocks.append(_CLUSTERED)
    blocks += comparisons(named)
    return blocks


def comparisons(named: Sequence[Named]) -> list[str]:
    """The first set against each of the others, in words."""
    return [
        drop_words(named[0][0], named[0][1].evaluation, name, judgement.evaluation)
        for name, judgement in named[1:]
    ]


def _cautions(named: Sequence[Named]) -> Bullets:
    return Bullets(lines=tuple(f"{name}: {one.caution}" for name, one in named if one.caution))


def _confusion_rows(judgements: Sequence[Judgement]) -> list[tuple[str, ...]]:
    counts = [judgement.evaluation.confusion for judgement in judgements]
    names = ("true_positive", "false_negative", "true_negative", "false_positive")
    return [
        (name.replace("_", " ").capitalize(), *(f"{getattr(one, name):,}" for one in counts))
        for name in names
    ]


def _methods(found: Sequence[tuple[str, dict[str, Measure]]]) -> list[str]:
    """How intervals were found, and why there are none; a set is named where others differ from it."""
    said: dict[str, list[str]] = {}
    for key in found[0][1]:
        of_set = {name: each[key].method for name, each in found}
        is_same = len(set(of_set.values())) == 1
        for name, method in of_set.items():
            measure = found[0][1][key].name
            words = measure if is_same else f"{measure} ({name})"
            if words not in said.setdefault(method, []):
                said[method].append(words)
    return [f"{method}: {', '.join(of)}." for method, of in said.items()]


def _threshold(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    _, positive = classes_of(card)
    origin = f"It was chosen so: {card.threshold_origin}." if card.threshold_origin else "Nobody chose it."
    blocks: list[Block] = [
        f"A score of {card.threshold:.3f} or more is called {positive}. {origin}",
        *(
            f"{name} was judged at {one.evaluation.threshold:.3f} instead."
            for name, one in named
            if one.evaluation.threshold != card.threshold
        ),
    ]
    for name, judgement in named[:1]:
        sensitivity, specificity = judgement.evaluation.sensitivity, judgement.evaluation.specificity
        if sensitivity is not None and specificity is not None:
            found = frequencies(sensitivity, specificity, _PREVALENCE)
            blocks += [
                "PPV and NPV hold for the share of positive images in the set, not for patients. "
                f"An example, with what was found on {name}:",
                frequency_words(found, classes_of(card)),
            ]
    return blocks


def _calibration(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    calibration = calibration_of(card)
    blocks: list[Block] = ["The scores were not calibrated: they are no probabilities."]
    if calibration:
        blocks = [
            "Platt scaling: the logit of the probability is "
            f"{calibration.slope:.3f} times the score's logit, plus {calibration.intercept:.3f}."
        ]
    lines = []
    for name, judgement in named:
        labels, scores = judgement.evaluation.labels, judgement.evaluation.scores
        if not labels:
            continue
        words = f"{name}: {expected_calibration_error(labels, scores):.3f} of the scores"
        if calibration:
            error = expected_calibration_error(labels, calibration.probability(scores))
            words += f", {error:.3f} of the calibrated probabilities"
        few = f"; of under {5 * FEWEST} images it says little" if len(labels) < 5 * FEWEST else ""
        lines.append(f"{words}{few}.")
    if lines:
        blocks += ["Expected calibration error (10 bins, 0 at best):", Bullets(lines=tuple(lines))]
    return blocks


def _indeterminate(card: ModelCard, named: Sequence[Named]) -> list[Block]:
    if not card.indeterminate:
        return [
            "No band of scores is set aside as indeterminate: every score is called one class or the other."
        ]
    low, high = card.indeterminate
    lines = [f"{name}: {_band(one, Band(low=low, high=high))}" for name, one in named]
    blocks: list[Block] = [f"Scores from {low:.3f} to {high:.3f} are neither class's."]
    return [*blocks, Bullets(lines=tuple(lines))] if lines else blocks


def _band(judgement: Judgement, band: Band) -> str:
    judged = judgement.evaluation
    return band_words(judged.labels, judged.scores, judged.threshold, band)


# --- whether it can be trusted


def _audit(card: ModelCard) -> list[Block]:
    audit = audit_of(card)
    if not audit:
        return [
            "No shortcut audit is in the card: whether the lungs are needed to tell the classes is not known."
        ]
    rows = [
        (SIGHT_NAMES[sight], f"{area.auroc:.3f} ({area.low:.3f} to {area.high:.3f})", f"{area.n:,}")
        for sight, area in audit.areas.items()
    ]
    return [
        f"Verdict: {audit.verdict}. {audit.sentence}",
        audit.fix,
        f"Cross-validated AUROC over {audit.n:,} of {audit.total:,} images, by what was seen:",
        _table(("Seen", "AUROC (95 % interval)", "Images"), rows),
    ]


def _check(card: ModelCard) -> list[Block]:
    found = findings_of(card)
    if not found:
        return ["The check of the data found nothing, or is not in the card."]
    rows = [
        (
            one.severity.capitalize(),
            one.kind.replace("-", " ").capitalize(),
            f"{one.files:,}" if one.files else "",
        )
        for one in found
    ]
    return [
        "Found in the data that the model was made of, before it was trained:",
        _table(("Severity", "Kind", "Files"), rows),
    ]


def _class_counts(judgement: Judgement) -> tuple[int, int]:
    labels = judgement.evaluation.labels
    return labels.count(0), labels.count(1)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(head=head, rows=tuple(rows))
