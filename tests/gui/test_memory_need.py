"""A run that needs more memory than there is: said before it begins, and begun only when asked again."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QSpinBox

from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.train_tab import TrainTab

WORDS = "This run needs about 9 GB of memory, 4 GB are free: choose a smaller image size or batch size."


@pytest.fixture
def asked() -> list[tuple[int, int, int]]:
    """Image size, and how many images, that were asked about."""
    return []


@pytest.fixture
def tab(
    tasks: Any, show: Any, opened: OpenedDataset, tmp_path: Path, asked: list[tuple[int, int, int]]
) -> TrainTab:
    """Where 200 pixels are too many."""

    def shortage(config: Any, training: int, validation: int) -> str:
        asked.append((config.image_size, training, validation))
        return WORDS if config.image_size >= 200 else ""

    made: TrainTab = show(
        TrainTab(
            train=lambda *_, **__: None,  # type: ignore[arg-type, return-value]
            cross_validate=lambda *_, **__: None,  # type: ignore[arg-type, return-value]
            new_run_folder=lambda name: tmp_path / name,
            shortage=shortage,
        )
    )
    made.set_dataset(opened)
    return made


def told(tab: TrainTab) -> str:
    (banner,) = tab.findChildren(Banner)
    return banner.accessibleName() if banner.isVisible() else ""


def end(tasks: Any) -> None:
    task = tasks.take()
    task.stopped.emit()
    tasks.end(task)


@pytest.mark.parametrize("button", ["start_training", "cross_validate"])
def test_a_run_that_needs_too_much_begins_only_when_asked_again(
    tab: TrainTab, tasks: Any, person: Any, asked: list[tuple[int, int, int]], button: str
) -> None:
    person.click(tab, button)
    assert told(tab) == WORDS
    assert not tab.is_running
    split = tab._opened.split  # type: ignore[union-attr]
    assert asked == [(224, len(split.training), len(split.validation))]
    person.click(tab, "banner_action")
    assert tab.is_running
    assert told(tab) == ""
    end(tasks)


def test_a_run_for_which_there_is_enough_begins_at_once(tab: TrainTab, tasks: Any, person: Any) -> None:
    person.find(tab, QSpinBox, "image_size").setValue(64)
    person.click(tab, "start_training")
    assert tab.is_running
    assert told(tab) == ""
    end(tasks)


def test_the_words_go_when_the_settings_change(tab: TrainTab, tasks: Any, person: Any) -> None:
    person.click(tab, "start_training")
    assert told(tab) == WORDS
    person.find(tab, QSpinBox, "image_size").setValue(64)
    assert told(tab) == ""
    person.click(tab, "start_training")
    assert tab.is_running
    end(tasks)


def test_without_data_nothing_is_asked(tasks: Any, show: Any) -> None:
    tab = show(TrainTab(shortage=lambda *_: WORDS))
    tab.start()
    tab.cross_validate()
    assert told(tab) == ""
