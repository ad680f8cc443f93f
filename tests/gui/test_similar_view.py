"""The training images that are most like an image."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QWidget

from covid_desktop.core.familiarity import Similar
from covid_desktop.gui.similar_view import SimilarView

NAMES = ("Healthy", "COVID-19")
NO_PICTURES = "The model keeps no pictures of them."


def similar(number: int, label: int = 0, shade: int | None = None, likeness: float = 0.9) -> Similar:
    thumbnail = None if shade is None else np.full((64, 64), shade, np.uint8)
    return Similar(label=label, sha256=f"hash {number}", likeness=likeness, thumbnail=thumbnail)


@pytest.fixture
def view(tasks: Any, show: Any) -> SimilarView:
    view: SimilarView = show(SimilarView())
    view.hide()
    return view


def tiles(view: SimilarView) -> list[str]:
    """What a screen reader says of those in sight."""
    found = [child for child in view.findChildren(QWidget) if "alike" in child.accessibleName()]
    return [tile.accessibleName() for tile in found if tile.isVisible()]


def shades(view: SimilarView) -> list[int | None]:
    """The grey in the middle of each picture; None of one that is not there yet."""
    labels = [one for one in view.findChildren(QLabel) if one.width() == one.height() and one.isVisible()]
    pictures = [one.pixmap() for one in labels]
    return [None if one.isNull() else one.toImage().pixelColor(32, 32).red() for one in pictures]


def test_it_is_hidden_while_there_is_none(view: SimilarView, person: Any) -> None:
    view.show_similar([similar(1)], NAMES)
    assert view.isVisible()
    view.show_similar((), ("", ""))
    assert not view.isVisible()


def test_each_has_its_class_and_likeness_in_words(view: SimilarView, person: Any) -> None:
    view.show_similar([similar(1, 1, likeness=0.914), similar(2, 0, likeness=0.8)], NAMES)
    assert tiles(view) == ["COVID-19, 91 % alike", "Healthy, 80 % alike"]
    read = person.reads(view)
    assert "Most similar training images" in read
    assert all(words in read for words in ("COVID-19", "91 % alike", "Healthy", "80 % alike"))


def test_fewer_than_before_leave_nothing_behind(view: SimilarView) -> None:
    view.show_similar([similar(number, shade=10) for number in range(4)], NAMES)
    assert len(tiles(view)) == 4
    view.show_similar([similar(9, 1, shade=10)], NAMES)
    assert tiles(view) == ["COVID-19, 90 % alike"]


def test_pictures_that_the_model_keeps_are_shown(view: SimilarView, person: Any) -> None:
    view.show_similar([similar(1, shade=40), similar(2, shade=200)], NAMES)
    assert shades(view) == [40, 200]
    assert NO_PICTURES not in person.reads(view)


def test_a_model_without_pictures_says_so(view: SimilarView, person: Any) -> None:
    view.show_similar([similar(1), similar(2)], NAMES)
    assert shades(view) == []
    assert NO_PICTURES in person.reads(view)


def test_images_of_the_open_data_are_shown_from_their_files(
    view: SimilarView, tasks: Any, person: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path / "data", 2)
    view.set_places({"hash 1": first, "hash 2": second})
    view.show_similar([similar(2), similar(1), similar(3)], NAMES)
    assert shades(view) == [None, None]
    assert NO_PICTURES not in person.reads(view)
    assert set(tasks.answer(view)) == {first, second}
    assert shades(view) == [50, 10]


def test_two_of_the_same_content_have_the_same_picture(
    view: SimilarView, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    (path,) = draw(tmp_path / "data")
    view.set_places({"hash 1": path})
    view.show_similar([similar(1), similar(1)], NAMES)
    tasks.answer(view)
    assert shades(view) == [10, 10]


def test_a_picture_that_comes_late_is_not_shown(
    view: SimilarView, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path / "data", 2)
    view.set_places({"hash 1": first, "hash 2": second})
    view.show_similar([similar(1)], NAMES)
    view.show_similar([similar(2)], NAMES)
    assert tasks.answer(view) == [second]
    view._reader.answered.emit(first, view._reader._answer(first))
    assert shades(view) == [50]


def test_a_file_that_cannot_be_read_leaves_its_place_empty(
    view: SimilarView, tasks: Any, tmp_path: Path
) -> None:
    view.set_places({"hash 1": tmp_path / "gone.png"})
    view.show_similar([similar(1, 1)], NAMES)
    tasks.answer(view)
    assert shades(view) == [None]
    assert tiles(view) == ["COVID-19, 90 % alike"]
