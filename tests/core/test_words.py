"""Numbers in sentences."""

import pytest

from covid_desktop.core.words import counted, percent


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (1200, "1,200 images")]
)
def test_one_image_and_many_images(number: int, words: str) -> None:
    assert counted(number, "image") == words


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.01, "1 %"), (0.125, "12 %"), (0.896, "90 %"), (1.0, "100 %")]
)
def test_a_share_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


def test_hardly_any_is_not_none_and_nearly_all_is_not_all() -> None:
    assert percent(0.004) == "under 1 %"
    assert percent(0.997) == "over 99 %"
