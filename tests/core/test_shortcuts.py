"""The shortcut audit on images that were made up, with shortcuts planted and without."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.dataset import Sample
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import Event, Progress, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.shortcuts import Audited, audit, require_enough
from covid_desktop.errors import DatasetError, Stopped

SIGHTS = {"file-properties", "outer-frame", "thumbnail", "blacked-out", "whole-picture"}
EACH = 40


def made_up(rng: np.random.Generator) -> ImageFacts:
    return ImageFacts(
        sha256="",
        format="PNG",
        file_bytes=int(rng.integers(8000, 12_000)),
        width=100,
        height=100,
        frames=1,
        bits=8,
        make="",
        view="",
        mean=120.0,
        contrast=50.0,
        colour=0.0,
        phash=bytes(18),
        thumbnail=rng.integers(0, 200, 64 * 64, np.uint8).tobytes(),
    )


def images(seed: int = 0, *, each: int = EACH, images_of_patient: int = 1) -> Audited:
    """Of two classes that differ in nothing."""
    rng = np.random.default_rng(seed)
    count = 2 * each
    labels = [number // images_of_patient % 2 for number in range(count)]
    groups = [number // images_of_patient for number in range(count)]
    samples = [
        Sample(path=Path(f"/data/{number}.png"), label=label, patient=f"P{group}")
        for number, (label, group) in enumerate(zip(labels, groups, strict=True))
    ]
    whole, blacked_out = rng.normal(size=(2, count, 16)).astype(np.float32)
    facts = [made_up(rng) for _ in samples]
    return Audited(samples=samples, facts=facts, groups=groups, whole=whole, blacked_out=blacked_out)


def with_features(plain: Audited, name: str, by: float = 2.0) -> Audited:
    features: NDArray[np.float32] = getattr(plain, name).copy()
    features[:, :5] += by * np.array(plain.labels, np.float32)[:, None]
    return replace(plain, **{name: features})  # type: ignore[arg-type]


def with_facts(plain: Audited, **changes: object) -> Audited:
    facts = [
        replace(facts, **changes) if label else facts  # type: ignore[arg-type]
        for facts, label in zip(plain.facts, plain.labels, strict=True)
    ]
    return replace(plain, facts=facts)


def with_marks(plain: Audited, rows: slice, columns: slice) -> Audited:
    """Positive images are brighter there."""
    marked = []
    for facts, label in zip(plain.facts, plain.labels, strict=True):
        pixels = facts.picture.copy()
        pixels[rows, columns] += np.uint8(50 * label)
        marked.append(replace(facts, thumbnail=pixels.tobytes()))
    return replace(plain, facts=marked)


def audited(images: Audited) -> ShortcutAudit:
    return audit(images, len(images.samples), [], None, ignore, never)


@pytest.mark.parametrize("seed", range(2))
def test_classes_that_differ_in_nothing_are_green(seed: int) -> None:
    result = audited(images(seed))
    assert result.verdict == "green"
    assert set(result.areas) == SIGHTS
    assert {each.n for each in result.areas.values()} == {2 * EACH}
    assert max(each.low for each in result.areas.values()) < 0.6
    assert result.validation == {}


def test_classes_that_differ_in_the_lungs_are_green() -> None:
    plain = with_features(images(), "whole")
    result = audited(with_marks(plain, slice(24, 40), slice(24, 40)))
    assert result.verdict == "green"
    assert result.areas["whole-picture"].low > 0.9
    assert result.areas["thumbnail"].low > 0.9


def test_a_shortcut_in_the_features_without_the_centre_is_red() -> None:
    result = audited(with_features(images(), "blacked_out"))
    assert result.verdict == "red"
    assert result.areas["blacked-out"].low > 0.9
    assert "can be told apart without the lungs" in result.sentence
    assert "centre blacked out" in result.sentence


def test_a_shortcut_in_the_frame_is_red() -> None:
    result = audited(with_marks(images(), slice(0, 8), slice(0, 8)))
    assert result.verdict == "red"
    assert result.areas["outer-frame"].low > 0.9
    assert "by their outer frame" in result.sentence


@pytest.mark.parametrize("change", [{"format": "JPEG"}, {"width": 130}, {"file_bytes": 20_000}])
def test_a_shortcut_in_the_files_is_red(change: dict[str, object]) -> None:
    result = audited(with_facts(images(), **change))
    assert result.verdict == "red"
    assert result.areas["file-properties"].low > 0.9
    assert "by the properties of their files" in result.sentence


def test_exposure_is_no_property_of_the_file() -> None:
    assert audited(with_facts(images(), mean=200.0, contrast=9.0)).verdict == "green"


def test_files_that_are_all_alike_tell_nothing() -> None:
    """As those of an uncompressed format: not even their sizes differ."""
    plain = images()
    alike = replace(plain, facts=[replace(facts, file_bytes=30_000) for facts in plain.facts])
    result = audited(alike)
    assert result.verdict == "green"
    assert result.areas["file-properties"].auroc == pytest.approx(0.5)


def test_five_images_that_are_told_apart_perfectly_are_not_enough_for_red() -> None:
    result = audited(with_facts(images(each=5), width=300))
    assert result.areas["file-properties"].auroc == 1.0
    assert result.verdict == "green"
    assert "With so few images" in result.fix


def test_what_gives_the_patient_away_is_no_shortcut() -> None:
    """All images of a patient have the same features: they must not be learnt from one another."""
    plain = images(images_of_patient=5)
    rng = np.random.default_rng(3)
    features = rng.normal(size=(len(plain.samples), 40)).astype(np.float32)[plain.groups]
    result = audited(replace(plain, whole=features, blacked_out=features))
    assert result.verdict == "green"
    leaking = replace(plain, blacked_out=features, groups=list(range(len(plain.samples))))
    assert audited(leaking).areas["blacked-out"].low > 0.9


def test_the_caveat_depends_on_whether_patients_are_known() -> None:
    known = with_facts(images(), bits=12)
    unknown = replace(known, samples=[replace(sample, patient=None) for sample in known.samples])
    assert "Not all patients are known" not in audited(known).fix
    assert "Not all patients are known" in audited(unknown).fix


def test_images_left_out_are_counted() -> None:
    result = audit(images(), 3000, [], None, ignore, never)
    assert (result.n, result.total) == (2 * EACH, 3000)


# --- beside a trained model


def evaluation_of(images: Audited, numbers: Sequence[int], *, flip: float = 0.0) -> Evaluation:
    """Scores that are right but for a share of ``flip``."""
    rng = np.random.default_rng(0)
    labels = [images.labels[number] for number in numbers]
    scores = [abs(label - (rng.random() < flip)) * 0.8 + 0.1 * rng.random() for label in labels]
    paths = [images.samples[number].path for number in numbers]
    return Evaluation(labels=tuple(labels), scores=tuple(scores), threshold=0.5, paths=tuple(paths))


VALIDATION = range(50, 2 * EACH)


def test_every_model_is_compared_on_the_validation_images() -> None:
    marked = with_facts(images(), bits=12)
    validation = [marked.samples[number].path for number in VALIDATION]
    result = audit(marked, 80, validation, evaluation_of(marked, VALIDATION), ignore, never)
    assert set(result.validation) == SIGHTS | {"trained-model"}
    assert {each.n for each in result.validation.values()} == {len(VALIDATION)}
    assert result.validation["trained-model"].auroc == 1.0
    assert result.validation["file-properties"].auroc == 1.0
    assert result.validation["outer-frame"].low < 0.5
    assert set(result.areas) == SIGHTS
    assert {each.n for each in result.areas.values()} == {80}


def test_the_trained_models_own_scores_are_used_whatever_their_order() -> None:
    plain = images()
    validation = [plain.samples[number].path for number in VALIDATION]
    forwards = evaluation_of(plain, VALIDATION, flip=0.3)
    backwards = replace(
        forwards, labels=forwards.labels[::-1], scores=forwards.scores[::-1], paths=forwards.paths[::-1]
    )
    results = [audit(plain, 80, validation, each, ignore, never) for each in (forwards, backwards)]
    assert results[0] == results[1]
    assert 0.5 < results[0].validation["trained-model"].auroc < 0.9


def test_only_validation_images_that_the_model_judged_are_compared() -> None:
    plain = images()
    elsewhere = [Path("/elsewhere.png"), *(plain.samples[number].path for number in VALIDATION)]
    for judged, compared in ((range(60, 80), 20), (range(80), len(VALIDATION))):
        result = audit(plain, 80, elsewhere, evaluation_of(plain, judged), ignore, never)
        assert {each.n for each in result.validation.values()} == {compared}


@pytest.mark.parametrize("numbers", [range(1, 40, 2), [*range(0, 20, 2), *range(1, 80, 2)]])
def test_nothing_is_compared_where_either_side_lacks_a_class(numbers: Sequence[int]) -> None:
    """The validation images, or those that the models learn from."""
    plain = images()
    validation = [plain.samples[number].path for number in numbers]
    result = audit(plain, 80, validation, evaluation_of(plain, numbers), ignore, never)
    assert result.validation == {}
    assert set(result.areas) == SIGHTS


# --- when it does not come to a verdict


@pytest.mark.parametrize("images_of_patient", [1, 6])
def test_too_few_images_or_patients_are_refused(images_of_patient: int) -> None:
    few = images(each=4 * images_of_patient, images_of_patient=images_of_patient)
    with pytest.raises(DatasetError, match=r"too few images.* Add images of at least five patients"):
        audited(few)
    with pytest.raises(DatasetError, match="too few images"):
        require_enough(few.samples, few.groups)


def test_five_of_each_class_are_enough() -> None:
    enough = images(each=5)
    require_enough(enough.samples, enough.groups)
    assert audited(enough).n == 10


def test_it_stops_between_two_models() -> None:
    events: list[Event] = []
    with pytest.raises(Stopped):
        audit(images(), 80, [], None, events.append, lambda: len(events) == 2)
    assert [(event.done, event.total) for event in events if isinstance(event, Progress)] == [(0, 5), (1, 5)]
