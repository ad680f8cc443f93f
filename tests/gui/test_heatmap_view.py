"""Where the model looked: the picture, how much of it lies in the centre, and what it does not prove."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSlider

from covid_desktop.core.heatmap import HEATMAP_CAVEAT
from covid_desktop.gui.heatmap_view import HeatmapCanvas, HeatmapView
from covid_desktop.gui.theme import current_tokens
from covid_desktop.jobs import Heatmap

NONE_SELECTED = "Select one image to see where the model looked."


def heatmap(name: str = "a.png", channels: int = 3, central_share: float | None = 0.36) -> Heatmap:
    pixels = np.full((8, 6, channels), 90, np.uint8)
    values = np.linspace(0, 1, 48, dtype=np.float32).reshape(8, 6)
    return Heatmap(path=Path(name), pixels=pixels, values=values, score=0.8, central_share=central_share)


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(HeatmapView())


def words(view: HeatmapView) -> str:
    return view.findChild(QLabel, "heatmap_words").text()


def images(view: HeatmapView) -> list[Any]:
    """What is drawn: the picture, then the heatmap."""
    axes = view.findChild(HeatmapCanvas).figure.axes
    return list(axes[0].images) if axes else []


def test_before_an_image_is_selected_it_says_what_comes_here(view: HeatmapView) -> None:
    assert words(view) == NONE_SELECTED
    assert images(view) == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_heatmap_lies_over_its_picture(view: HeatmapView, channels: int) -> None:
    view.show_heatmap(heatmap(channels=channels))
    picture, heat = images(view)
    assert picture.get_array().shape == (8, 6)
    assert np.ptp(heat.get_array()) == pytest.approx(1)
    assert view.findChild(HeatmapCanvas).accessibleName() == "Heatmap of a.png"


def test_it_says_its_score_its_centre_and_what_it_does_not_prove(view: HeatmapView) -> None:
    view.show_heatmap(heatmap())
    assert words(view) == f"a.png: score 0.800. 36 % of it lies in the central area. {HEATMAP_CAVEAT}"


def test_where_nothing_is_marked_there_is_no_share(view: HeatmapView) -> None:
    view.show_heatmap(heatmap(central_share=None))
    assert words(view) == f"a.png: score 0.800. {HEATMAP_CAVEAT}"


def test_a_long_name_is_shortened_and_is_only_text(view: HeatmapView) -> None:
    view.show_heatmap(heatmap(f"<i>{'x' * 90}.png"))
    assert words(view).startswith(f"<i>{'x' * 36}…: score")
    assert view.findChild(QLabel, "heatmap_words").textFormat() == Qt.TextFormat.PlainText


def test_opacity_by_key(view: HeatmapView, person: Any) -> None:
    view.show_heatmap(heatmap())
    before = float(np.max(images(view)[1].get_alpha()))
    slider = view.findChild(QSlider, "heatmap_opacity")
    person.press(slider, Qt.Key.Key_Home)
    assert np.max(images(view)[1].get_alpha()) == 0
    person.press(slider, Qt.Key.Key_End)
    assert before == pytest.approx(0.45)
    assert np.max(images(view)[1].get_alpha()) == 1


def test_opacity_leaves_the_words_of_a_wait_alone(view: HeatmapView) -> None:
    view.show_words("The image is gone.")
    view.findChild(QSlider, "heatmap_opacity").setValue(10)
    assert words(view) == "The image is gone."


def test_words_take_the_place_of_a_heatmap(view: HeatmapView) -> None:
    view.show_heatmap(heatmap())
    view.show_words("Looking where the model looks.")
    assert images(view) == []
    view.show_heatmap(None)
    assert words(view) == NONE_SELECTED


def test_pictures_are_on_near_black(view: HeatmapView) -> None:
    colour = view.findChild(HeatmapCanvas).figure.get_facecolor()
    assert colour == pytest.approx(QColor(current_tokens().picture).getRgbF(), abs=1e-3)
