"""Judging a model on sets and folders, and cross-validation, on drawn images and with tiny networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from covid_desktop import curation, jobs, paths
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.dataset import SUBSETS
from covid_desktop.core.events import Progress
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError, Stopped

CONFIG = TrainingConfig(
    architecture="small-cnn", image_size=32, epochs=1, batch_size=4, augmentation=AUGMENTATIONS["none"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    opened: OpenedDataset
    model: jobs.Model


def draw(folder: Path, count: int, first_seed: int) -> Path:
    """Class folders with ``count`` images each."""
    for label, name in enumerate(("Healthy", "COVID-19")):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = draw_phantom(first_seed + 2 * number + label, positive=bool(label), size=40).pixels
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="module")
def trained(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("judging")
    opened = curation.open_dataset(draw(folder / "images", 10, first_seed=900))
    opened = curation.set_test_aside(curation.check(opened).opened)
    result = jobs.train(opened, CONFIG, folder / "model.keras")
    return Trained(opened=opened, model=result.model)


@pytest.mark.parametrize("subset", SUBSETS)
def test_a_set_of_the_open_data_is_judged(trained: Trained, subset: Any) -> None:
    judgement = jobs.judge(trained.model, trained.opened, subset)
    assert judgement.evaluation.paths == tuple(sample.path for sample in trained.opened.split.of(subset))
    assert judgement.subset == subset
    assert judgement.folder == trained.opened.dataset.folder


def test_training_and_validation_images_are_recognised_and_cautioned(trained: Trained) -> None:
    on = {subset: jobs.judge(trained.model, trained.opened, subset) for subset in SUBSETS}
    assert on["training"].in_training == on["training"].evaluation.n
    assert "was trained on" in on["training"].caution
    assert on["validation"].in_validation == on["validation"].evaluation.n
    assert "optimistic" in on["validation"].caution
    assert (on["test"].in_training, on["test"].in_validation, on["test"].caution) == (0, 0, "")


def test_each_use_of_the_test_set_is_counted(trained: Trained) -> None:
    before = curation.with_test_uses(trained.opened).test_uses
    jobs.judge(trained.model, trained.opened, "test")
    assert curation.with_test_uses(trained.opened).test_uses == before + 1
    jobs.judge(trained.model, trained.opened, "validation")
    assert curation.with_test_uses(trained.opened).test_uses == before + 1


def test_a_use_counted_meanwhile_outlives_a_decision(trained: Trained) -> None:
    stale = trained.opened
    jobs.judge(trained.model, stale, "test")
    uses = curation.with_test_uses(stale).test_uses
    changed = curation.exclude(stale, [stale.split.training[0].path])
    assert changed.test_uses == uses
    restored = curation.restored(changed, stale.decisions)
    assert restored.test_uses == uses


def test_another_folder_is_judged_whole_and_needs_no_caution(trained: Trained, tmp_path: Path) -> None:
    judgement = jobs.judge_folder(trained.model, draw(tmp_path / "elsewhere", 4, first_seed=5000))
    assert (judgement.name, judgement.evaluation.n, judgement.caution) == ("elsewhere", 8, "")


def test_training_images_in_another_folder_are_recognised(trained: Trained, tmp_path: Path) -> None:
    folder = draw(tmp_path / "elsewhere", 3, first_seed=5000)
    known = next(sample.path for sample in trained.opened.split.training if sample.label)
    (folder / "COVID-19" / "renamed.png").write_bytes(known.read_bytes())
    judgement = jobs.judge_folder(trained.model, folder)
    assert judgement.in_training == 1
    assert judgement.caution.startswith("The model was trained on 1 of these 7 images")


# --- which images say most


def test_the_locked_test_set_says_most_about_a_model(trained: Trained) -> None:
    dataset = curation.scan_folder(trained.opened.dataset.folder)
    assert jobs.best_set(trained.model.card, dataset) == "test"


def test_what_an_external_folder_was_divided_into_means_nothing_to_the_model(
    trained: Trained, tmp_path: Path
) -> None:
    folder = draw(tmp_path / "elsewhere", 6, first_seed=7000)
    curation.check(curation.open_dataset(folder))
    dataset = curation.scan_folder(folder)
    assert {sample.subset for sample in dataset.samples} == {"training", "validation"}
    assert jobs.best_set(trained.model.card, dataset) is None


def test_the_division_of_the_model_s_own_data_counts(trained: Trained, tmp_path: Path) -> None:
    folder = draw(tmp_path / "copied", 6, first_seed=7000)
    for sample in trained.opened.split.training:
        (folder / sample.path.parent.name / f"known {sample.path.name}").write_bytes(sample.path.read_bytes())
    curation.check(curation.open_dataset(folder))
    assert jobs.best_set(trained.model.card, curation.scan_folder(folder)) == "validation"


def test_sets_that_folders_name_count(trained: Trained, tmp_path: Path) -> None:
    for number, name in enumerate(("train", "val")):
        draw(tmp_path / "given" / name, 2, first_seed=8000 + 100 * number)
    dataset = curation.scan_folder(tmp_path / "given")
    assert jobs.best_set(trained.model.card, dataset) == "validation"


# --- cross-validation


def test_cross_validation_scores_each_image_by_a_network_that_did_not_see_it(trained: Trained) -> None:
    events: list[Any] = []
    validated = jobs.cross_validate(trained.opened, CONFIG, 2, emit=events.append)
    split = trained.opened.split
    assert len(validated.folds) == 2
    assert sorted(validated.pooled.paths) == sorted(
        sample.path for sample in split.training + split.validation
    )
    stages = {event.stage for event in events if isinstance(event, Progress)}
    assert any(stage.startswith("Fold 1 of 2: ") for stage in stages)
    assert any(stage.startswith("Fold 2 of 2: ") for stage in stages)


def test_cross_validation_can_be_stopped(trained: Trained) -> None:
    with pytest.raises(Stopped):
        jobs.cross_validate(trained.opened, CONFIG, 2, should_stop=lambda: True)


def test_cross_validation_of_too_few_patients(trained: Trained) -> None:
    with pytest.raises(DatasetError, match="fewer than 20 patients"):
        jobs.cross_validate(trained.opened, CONFIG, 20)
