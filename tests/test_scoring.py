"""A look at each image before it is scored: refused, offered turned or inverted, or scored anyway."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import never
from covid_desktop.core.familiarity import Familiarity, learnt
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.scoring import NO_NUMBER, score_each, similar_images

SIDE = 64
INVERTED, LEFT = Adjustment(is_inverted=True), Adjustment(quarter_turns=1)
FAR = "It is like none of the images that the model learnt from."


def seen(pixels: Any) -> Any:
    """Features that know which way up a picture is: a coarse copy of it, seen as more than its mean."""
    coarse = np.stack([np.asarray(Image.fromarray(one).convert("L").resize((8, 8)), float) for one in pixels])
    return (coarse - 110).reshape(len(pixels), -1).astype(np.float32)


class FakeClassifier:
    """Scores by the mean grey; ``looked`` are the sizes of the batches."""

    def __init__(self, familiarity: Familiarity | None, channels: int = 3) -> None:
        preprocessing = Preprocessing(width=SIDE, height=SIDE, channels=channels)
        self.card = ModelCard(
            architecture="small-cnn",
            class_names=("Healthy", "COVID-19"),
            preprocessing=preprocessing,
            config=TrainingConfig(architecture="small-cnn"),
            threshold=0.25,
            indeterminate=(0.24, 0.26),
        )
        self.checked_as = replace(preprocessing, channels=3)
        self.familiarity = familiarity
        self.looked: list[int] = []

    def look(self, pixels: Any, checked: Any) -> Any:
        self.looked.append(len(pixels))
        scores = pixels.reshape(len(pixels), -1).mean(axis=1) / 255
        return scores, None if checked is None else seen(checked)

    def features(self, checked: Any) -> Any:
        return seen(checked)


def person(number: int) -> Any:
    pixels = draw_phantom(number, positive=bool(number % 2), size=SIDE).pixels
    return np.repeat(pixels[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def familiarity() -> Familiarity:
    training, validation = ([person(number) for number in range(*ends)] for ends in ((0, 30), (30, 50)))
    hashes = [f"{number:064x}" for number in range(30)]
    return learnt(seen(training), np.arange(30) % 2, hashes, training, seen(validation))


@pytest.fixture
def classifier(familiarity: Familiarity) -> Any:
    return FakeClassifier(familiarity)


@pytest.fixture
def save(tmp_path: Path) -> Any:
    def save(pixels: Any, name: str = "image.png") -> Path:
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / name)
        return tmp_path / name

    return save


def score(classifier: Any, *images: Path, anyway: bool = False, **adjustments: Any) -> list[Prediction]:
    return list(score_each(classifier, images, adjustments.get("adjustments", {}), anyway, never))


def test_an_image_like_the_training_images_is_scored(classifier: Any, save: Any) -> None:
    images = [save(person(number), f"{number}.png") for number in range(50, 60)]
    for image, prediction in zip(images, score(classifier, *images), strict=True):
        assert prediction.path == image
        assert prediction.refusal is None
        assert prediction.score is not None
        assert prediction.label == classifier.card.label_of(prediction.score)


def test_another_picture_is_refused_with_a_reason(classifier: Any, save: Any) -> None:
    checks = np.kron(np.indices((8, 8)).sum(axis=0) % 2 * 255, np.ones((8, 8))).astype(np.uint8)
    (prediction,) = score(classifier, save(checks))
    assert prediction.is_refused
    assert (prediction.score, prediction.label, prediction.error) == (None, None, None)
    assert prediction.refusal == FAR
    assert prediction.suggestion is None


def test_a_blank_picture_is_refused_even_where_it_is_near(classifier: Any, save: Any) -> None:
    classifier.familiarity = replace(classifier.familiarity, limit=1.0)
    (prediction,) = score(classifier, save(np.full((SIDE, SIDE), 90, np.uint8)))
    assert prediction.refusal == "The picture is blank, or nearly so."


def test_it_is_scored_anyway_when_that_is_wanted_and_the_reason_stays(classifier: Any, save: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    (prediction,) = score(classifier, save(noise), anyway=True)
    assert prediction.score == pytest.approx(0.5, abs=0.02)
    assert prediction.refusal == FAR
    assert not prediction.is_refused


def test_an_inverted_image_is_offered_inverted(classifier: Any, save: Any) -> None:
    image = save(255 - person(50))
    (prediction,) = score(classifier, image)
    assert prediction.is_refused
    assert prediction.refusal == "It seems to be inverted."
    assert prediction.suggestion == INVERTED
    (mended,) = score(classifier, image, adjustments={image: INVERTED})
    (original,) = score(classifier, save(person(50), "original.png"))
    assert mended.refusal is None
    assert mended.score == original.score
    assert mended.adjustment == INVERTED


@pytest.mark.parametrize(
    ("turns", "words"), [(1, "to the left"), (2, "upside down"), (3, "to the right")], ids=str
)
def test_a_turned_image_is_offered_turned_back(classifier: Any, save: Any, turns: int, words: str) -> None:
    image = save(np.rot90(person(50), turns))
    (prediction,) = score(classifier, image)
    assert prediction.refusal == f"It seems to be turned {words}."
    assert prediction.suggestion == Adjustment(quarter_turns=4 - turns)
    (mended,) = score(classifier, image, adjustments={image: prediction.suggestion})
    assert mended.refusal is None
    assert mended.score is not None


def test_an_adjusted_image_gets_no_other_offer(classifier: Any, save: Any) -> None:
    image = save(person(50))
    (prediction,) = score(classifier, image, adjustments={image: LEFT})
    assert prediction.suggestion is None
    assert prediction.adjustment == LEFT


def test_a_model_that_remembers_nothing_scores_everything(save: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    (prediction,) = score(FakeClassifier(None), save(noise))
    assert prediction.score is not None
    assert prediction.refusal is None


def test_a_grey_model_is_compared_in_colour(familiarity: Familiarity, save: Any) -> None:
    classifier = FakeClassifier(familiarity, channels=1)
    coloured = np.zeros((SIDE, SIDE, 3), np.uint8)
    coloured[::2, :, 0] = 250
    good, bad = score(classifier, save(person(50)), save(coloured, "coloured.png"))
    assert good.score is not None
    assert bad.refusal == "It is a colour picture; the model learnt from grey ones."


def test_what_cannot_be_read_has_its_place_and_reason(classifier: Any, save: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    images = [save(person(50), "a.png"), broken, save(person(51), "b.png"), tmp_path / "missing.png"]
    found = score(classifier, *images)
    assert [prediction.path for prediction in found] == images
    assert [prediction.error for prediction in found[1::2]] == [
        "Not an image.",
        "Cannot be opened: no such file or directory.",
    ]
    assert all(prediction.score is not None for prediction in found[::2])


def test_the_first_image_comes_at_once_and_the_others_together(classifier: Any, save: Any) -> None:
    images = [save(person(50), f"{number}.png") for number in range(20)]
    assert len({prediction.score for prediction in score(classifier, *images)}) == 1
    assert classifier.looked == [1, 8, 8, 3]


def test_stopping_leaves_the_rest_out(classifier: Any, save: Any) -> None:
    images = [save(person(50), f"{number}.png") for number in range(20)]
    done: list[Prediction] = []
    done.extend(score_each(classifier, images, {}, False, lambda: len(done) >= 3))
    assert 3 <= len(done) <= 9


def test_a_score_that_is_no_number_is_an_error_even_anyway(classifier: Any, save: Any) -> None:
    classifier.look = lambda pixels, checked: (np.array([np.nan]), seen(checked))
    (prediction,) = score(classifier, save(person(50)), anyway=True)
    assert prediction.error == NO_NUMBER
    assert prediction.score is None


def test_the_most_similar_training_images(classifier: Any, save: Any) -> None:
    similar = similar_images(classifier, save(person(7)), AS_IT_IS)
    assert similar[0].sha256 == f"{7:064x}"
    assert similar[0].label == 1
    assert similar_images(FakeClassifier(None), save(person(7)), AS_IT_IS) == ()
