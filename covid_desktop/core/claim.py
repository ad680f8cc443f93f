"""A draft of the CLAIM checklist: what the program knows is filled in, the rest is left for the author.

J. Mongan, L. Moy and C. E. Kahn, Checklist for Artificial Intelligence in Medical Imaging (CLAIM), 2020,
whose numbers are used; A. S. Tejani and others, CLAIM 2024 update, whose further items stand at the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.card_facts import audit_of, calibration_of, doubts_about_sets, set_facts
from covid_desktop.core.card_sections import RESEARCH_USE, classes_of, names_of, value_words
from covid_desktop.core.document import Section, Table, markdown
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import Measure, measures
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.words import counted

FOR_AUTHOR = "For the author."
_ABOUT = (
    "A draft. Items are in our words and numbered as in 2020 (Mongan and others); the update of 2024 (Tejani "
    "and others) says reference standard where 2020 said ground truth. Check it against the publications."
)
_LEAVING_OUT = "Files that cannot be read are left out. Others that were left out, and why: for the author."
_IDENTITY = (
    "The model holds no names of files or patients. How the images were de-identified: for the author."
)
_TRAINING = "One model; its settings and augmentation are in the model card."
_ENSEMBLE = "None: one network."
_EXPLAINED = "Heatmaps by Grad-CAM can be shown for each image; whether they were looked at: for the author."
_PRACTICE = f"{RESEARCH_USE} Anything beyond: for the author."


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A model and how it did on sets of images, each with its name."""

    card: ModelCard
    named: Sequence[tuple[str, Judgement]]


Answer = str | Callable[[Study], str] | None


def claim_text(card: ModelCard, judgements: Sequence[Judgement] = ()) -> str:
    """The checklist as Markdown, a line for each item."""
    return markdown("CLAIM checklist (draft)", RESEARCH_USE, claim_sections(card, judgements))


def claim_sections(card: ModelCard, judgements: Sequence[Judgement]) -> tuple[Section, ...]:
    """A section for each part of a paper, each with a table of its items."""
    study = Study(card=card, named=list(zip(names_of(judgements), judgements, strict=True)))
    sections = []
    for part, items in _ITEMS.items():
        rows = tuple((number, item, _answered(answer, study)) for number, item, answer in items)
        table = Table(head=("Item", "What to tell", "Answer"), rows=rows)
        sections.append(Section(key=part.lower(), title=part, blocks=(table,)))
    return Section(key="about", title="About this draft", blocks=(_ABOUT,)), *sections


def _answered(answer: Answer, study: Study) -> str:
    return (answer(study) if callable(answer) else answer) or FOR_AUTHOR


# --- answers; an empty one is left for the author


def _kind(study: Study) -> str:
    return f"Deep learning: a convolutional network ({ARCHITECTURES[study.card.architecture].title})."


def _preprocessing(study: Study) -> str:
    seen = study.card.preprocessing
    colours = "grey" if seen.channels == 1 else "RGB"
    return (
        f"Each image is resized to {seen.width} x {seen.height} pixels, {colours}, 8 bit "
        f"(bilinear, antialiased, made to fit by: {seen.fit})."
    )


def _partitions(study: Study) -> str:
    sizes = [
        f"{counted(facts.negative + facts.positive, 'image')} for {subset}"
        for subset in ("training", "validation")
        if (facts := set_facts(study.card, subset))
    ]
    how = (
        f"As the folder names them, or by lot with seed {study.card.config.seed}: a fifth for validation, "
        "stratified."
    )
    return f"{how} {', '.join(sizes)}." if sizes else how


def _level(study: Study) -> str:
    apart = "By lot: patients, where the data name them, and copies of one picture."
    return " ".join([apart, *doubts_about_sets(study.card)])


def _network(study: Study) -> str:
    return (
        f"{_kind(study)} Input as in item 9, "
        f"output a score of {classes_of(study.card)[1]} from 0 to 1. All layers are in config.json in the "
        "model's file."
    )


def _libraries(study: Study) -> str:
    return ", ".join(f"{name} {version}" for name, version in study.card.versions.items())


def _first_weights(study: Study) -> str:
    if ARCHITECTURES[study.card.architecture].copies:
        return "Weights learnt on photographs (ImageNet), kept as they are; the head starts at zero."
    return f"Drawn at random, seed {study.card.config.seed}."


def _chosen(study: Study) -> str:
    origin = f", the threshold so: {study.card.threshold_origin}" if study.card.threshold_origin else ""
    return f"The epoch with the lowest validation loss was kept{origin}."


def _measured(study: Study) -> str:
    if not study.named:
        return ""
    names = ", ".join(one.name for one in _of(study.named[0][1]))
    return f"{names}; at a threshold of {study.named[0][1].evaluation.threshold:.3f}."


def _uncertainty(study: Study) -> str:
    if not study.named:
        return ""
    found = [one.method for one in _of(study.named[0][1]) if one.low is not None]
    methods = {method.removeprefix("95 % interval: ") for method in found}
    return f"95 % intervals, images taken for independent: {', '.join(sorted(methods))}."


def _robustness(study: Study) -> str:
    audit = audit_of(study.card)
    return f"Shortcut audit: {audit.verdict}. {audit.sentence}" if audit else ""


def _external(study: Study) -> str:
    unknown = [(name, one) for name, one in study.named if not one.in_training and not one.in_validation]
    others = [name for name, one in unknown if one.subset is None]
    return f"Judged on {', '.join(others)}; whether that is from elsewhere: for the author." if others else ""


def _internal(study: Study) -> str:
    own = [name for name, one in study.named if one.subset in ("validation", "test")]
    return f"Judged on {', '.join(own)}." if own else ""


def _results(study: Study) -> str:
    keys = ("auroc", "sensitivity", "specificity")
    return " ".join(
        f"{name}: {', '.join(f'{one.name} {value_words(one)}' for one in _of(judgement) if one.key in keys)}."
        for name, judgement in study.named
    )


def _failures(study: Study) -> str:
    wrong = []
    for name, judgement in study.named:
        counts = judgement.evaluation.confusion
        wrong.append(f"{name}: {counts.false_negative:,} missed, {counts.false_positive:,} wrongly called.")
    return " ".join([*wrong, "What they have in common: for the author."]) if wrong else ""


def _limits(study: Study) -> str:
    cautions = [f"{name}: {one.caution}" for name, one in study.named if one.caution]
    if not calibration_of(study.card):
        cautions.append("The scores are no probabilities.")
    return " ".join([*cautions, _robustness(study), "Others: for the author."])


def _of(judgement: Judgement) -> list[Measure]:
    return list(measures(judgement.evaluation).values())


_ITEMS: dict[str, tuple[tuple[str, str, Answer], ...]] = {
    "Title and abstract": (
        ("1", "That it is a study of AI, and of which kind", _kind),
        ("2", "A structured summary: design, methods, results, conclusions", None),
    ),
    "Introduction": (
        ("3", "Background, what it is meant for, and its role in the clinic", None),
        ("4", "Aims and hypotheses", None),
    ),
    "Methods: design and data": (
        ("5", "Prospective or retrospective", None),
        ("6", "The goal, such as making a model, or showing that one can be made", None),
        ("7", "Where the data come from", None),
        ("8", "Who could be included: how, where and when they were found", None),
        ("9", "How images were prepared", _preprocessing),
        ("10", "Which part of the data was taken", _LEAVING_OUT),
        ("11", "What each item of data means", None),
        ("12", "How data were de-identified", _IDENTITY),
        ("13", "What was done about missing data", None),
    ),
    "Methods: reference standard": (
        ("14", "How the truth was defined, so that others can do the same", None),
        ("15", "Why this reference standard", None),
        ("16", "Who annotated, with which qualification", None),
        ("17", "The tools for it", None),
        ("18", "How far annotators agreed, and what was done where they did not", None),
    ),
    "Methods: sets": (
        ("19", "The intended number of images, and why", None),
        ("20", "How data were divided into sets, and their shares", _partitions),
        ("21", "What the sets do not share: images, examinations, patients, hospitals", _level),
    ),
    "Methods: model and training": (
        ("22", "The network: input, output, all layers", _network),
        ("23", "Software and versions", _libraries),
        ("24", "The weights it started with", _first_weights),
        ("25", "Training: augmentation, settings, how many models", _TRAINING),
        ("26", "How the final model was chosen", _chosen),
        ("27", "Ensembles", _ENSEMBLE),
    ),
    "Methods: evaluation": (
        ("28", "Measures of performance", _measured),
        ("29", "Significance and uncertainty", _uncertainty),
        ("30", "Robustness", _robustness),
        ("31", "How the model's answers were explained", _EXPLAINED),
        ("32", "Tests on external data", _external),
    ),
    "Results": (
        ("33", "Who was included and excluded, as a flow chart", None),
        ("34", "Age, sex and disease in each set", None),
        ("35", "Performance on each set", _results),
        ("36", "Diagnostic accuracy with its precision", _results),
        ("37", "What was called wrongly, and why", _failures),
    ),
    "Discussion": (
        ("38", "Limits: bias, uncertainty, other places", _limits),
        ("39", "What it means for practice", _PRACTICE),
    ),
    "Other information": (
        ("40", "Registration", None),
        ("41", "Where the protocol is", None),
        ("42", "Who paid, and what part they had", None),
    ),
    "Further items of 2024": (
        ("2024", "How the images were acquired", None),
        ("2024", "How the test set was annotated", None),
        ("2024", "Tests on internal data", _internal),
        ("2024", "Whether software, model and data can be had", None),
    ),
}
