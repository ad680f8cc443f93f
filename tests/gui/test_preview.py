"""The preview of augmentation: live, and never a danger to who closes it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QSpinBox

from covid_desktop.core.config import TrainingConfig
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.preview import PreviewDialog
from covid_desktop.gui.train_tab import TrainTab

GREY, COLOUR = np.full((20, 30), 90, np.uint8), np.full((20, 30, 3), 90, np.uint8)


class FakePreview:
    """Keeps what it was asked to draw."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[Path], TrainingConfig]] = []

    def __call__(self, images: list[Path], config: TrainingConfig, **_: Any) -> list[Any]:
        self.asked.append((images, config))
        return [GREY, COLOUR] * (len(images) // 2)


@pytest.fixture
def drawn() -> FakePreview:
    return FakePreview()


@pytest.fixture
def tab(tasks: Any, show: Any, person: Any, opened: OpenedDataset, drawn: FakePreview) -> Any:
    tab = show(TrainTab(preview=drawn))
    tab.set_dataset(opened)
    person.click(tab, "toggle_augmentation")
    person.click(tab, "preview_augmentation")
    return tab


def dialog(tab: TrainTab) -> PreviewDialog:
    (found,) = tab.findChildren(PreviewDialog)
    return found


def pictures(tab: TrainTab) -> int:
    return sum(not cell.pixmap().isNull() for cell in dialog(tab).findChildren(QLabel))


def test_it_draws_training_images_with_the_form_s_settings(
    tab: TrainTab, tasks: Any, person: Any, opened: OpenedDataset, drawn: FakePreview
) -> None:
    assert "Drawing" in person.reads(dialog(tab))
    tasks.run()
    ((images, config),) = drawn.asked
    assert set(images) <= {sample.path for sample in opened.split.training}
    assert config == tab.form.config
    assert pictures(tab) == 2 * (len(images) // 2)
    assert "Validation images stay as they are." in person.reads(dialog(tab))


def test_it_follows_the_form_while_it_is_open(
    tab: TrainTab, tasks: Any, person: Any, drawn: FakePreview
) -> None:
    assert not dialog(tab).isModal()
    tasks.run()
    person.click(tab, "augmentation_notebook")
    tasks.run()
    assert drawn.asked[-1][1].augmentation.zoom == 0.4


def test_changes_that_come_while_it_draws_are_drawn_once_after(
    tab: TrainTab, tasks: Any, person: Any, drawn: FakePreview
) -> None:
    for epochs in (20, 30, 40):
        tab.form.findChildren(QSpinBox, "epochs")[0].setValue(epochs)
    assert len(tasks.waiting) == 1
    tasks.run_all()
    assert [config.epochs for _, config in drawn.asked] == [25, 40]


def test_again_draws_another_example(tab: TrainTab, tasks: Any, person: Any, drawn: FakePreview) -> None:
    tasks.run()
    person.click(dialog(tab), "preview_again")
    tasks.run()
    (_, first), (_, second) = drawn.asked
    assert first.seed != second.seed
    assert tab.form.config.seed == first.seed


def test_an_error_is_said(tab: TrainTab, tasks: Any, person: Any) -> None:
    tasks.fail(tasks.take(), UserError("Nothing can be drawn.", "Choose other images."))
    assert "Nothing can be drawn. Choose other images." in person.reads(dialog(tab))


def test_there_is_one_preview_however_often_it_is_asked_for(tab: TrainTab, tasks: Any, person: Any) -> None:
    first = dialog(tab)
    person.click(tab, "preview_augmentation")
    assert dialog(tab) is first


@pytest.mark.parametrize("way", ["button", "escape"])
def test_closing_it_while_it_draws_is_safe(
    tab: TrainTab, tasks: Any, person: Any, drawn: FakePreview, way: str
) -> None:
    task = tasks.take()
    if way == "button":
        person.click(dialog(tab), "close_preview")
    else:
        person.press(dialog(tab), Qt.Key.Key_Escape)
    assert task.is_stopping
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert tab.findChildren(PreviewDialog) == []
    tasks.succeed(task, [GREY])
    person.click(tab, "augmentation_off")
    assert tasks.waiting == []
