from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from covid_desktop.core.phantom import Opacity, draw_phantom, write_demo_dataset
from covid_desktop.errors import DatasetError, Stopped

SEEDS = range(6)
small_demo = partial(write_demo_dataset, training=3, validation=2, test=1, size=64)


def distances(opacity: Opacity, size: int) -> NDArray[np.float64]:
    rows, columns = np.ogrid[:size, :size]
    return np.hypot(columns - opacity.x, rows - opacity.y)


def description(path: Path) -> str:
    with Image.open(path) as image:
        return str(image.info["Description"])


def lowest_rows(path: Path) -> bytes:
    """No opacity reaches them, so they are the same for the same seed in either class."""
    with Image.open(path) as image:
        return np.asarray(image)[-8:].tobytes()


def demo_images(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.png"))


@pytest.mark.parametrize("size", [32, 101, 512])
def test_is_a_square_grey_picture_of_any_size(size: int) -> None:
    pixels = draw_phantom(0, positive=True, size=size).pixels
    assert pixels.shape == (size, size)
    assert pixels.dtype == np.uint8
    assert pixels.min() < 30
    assert pixels.max() > 200


def test_a_size_too_small_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="size 16"):
        draw_phantom(0, positive=False, size=16)


def test_the_seed_decides_the_picture() -> None:
    first, again, other = (draw_phantom(seed, positive=True, size=64) for seed in (1, 1, 2))
    assert np.array_equal(first.pixels, again.pixels)
    assert first.opacities == again.opacities
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_but_the_opacities_differs_between_the_classes(seed: int) -> None:
    healthy = draw_phantom(seed, positive=False, size=128)
    positive = draw_phantom(seed, positive=True, size=128)
    change = positive.pixels.astype(int) - healthy.pixels
    outside = np.all([distances(opacity, 128) > opacity.radius for opacity in positive.opacities], axis=0)
    assert healthy.opacities == ()
    assert not change[outside].any()
    assert change.min() >= 0
    assert outside[:12, :50].all(), "the label is out of reach of every opacity"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_opacity_can_be_seen(seed: int) -> None:
    positive = draw_phantom(seed, positive=True, size=128)
    change = positive.pixels.astype(int) - draw_phantom(seed, positive=False, size=128).pixels
    for opacity in positive.opacities:
        assert change[distances(opacity, 128) < opacity.radius / 2].mean() > 10


def test_opacities_are_bilateral_and_mostly_low() -> None:
    phantoms = [draw_phantom(seed, positive=True, size=100) for seed in range(20)]
    for phantom in phantoms:
        across = [opacity.x for opacity in phantom.opacities]
        assert min(across) < 45
        assert max(across) > 55
    heights = [opacity.y for phantom in phantoms for opacity in phantom.opacities]
    assert np.mean(np.array(heights) > 42) > 0.7, "the middle of the lungs is at 42"


def test_the_size_changes_only_the_scale() -> None:
    small, large = (draw_phantom(4, positive=True, size=size).opacities for size in (100, 300))
    for one, other in zip(small, large, strict=True):
        assert (other.x, other.y, other.radius) == pytest.approx((3 * one.x, 3 * one.y, 3 * one.radius))


def test_brightness_alone_tells_little() -> None:
    truth = [number % 2 == 0 for number in range(60)]
    brightness = [draw_phantom(n, positive=p, size=48).pixels.mean() for n, p in enumerate(truth)]
    assert 0.4 < roc_auc_score(truth, brightness) < 0.75


def test_the_demo_has_its_folders_and_says_it_is_simulated(tmp_path: Path) -> None:
    folder = small_demo(tmp_path / "demo")
    for part, count in (("train", 3), ("val", 2), ("test", 1)):
        for name in ("COVID-19", "Healthy"):
            assert len(demo_images(folder / part / name)) == count
    assert "simulated" in (folder / "README.txt").read_text(encoding="utf-8")
    with Image.open(demo_images(folder)[0]) as image:
        assert (image.mode, image.size) == ("L", (64, 64))
    assert "Simulated" in description(demo_images(folder)[0])


def test_no_two_demo_images_show_the_same_person(tmp_path: Path) -> None:
    images = demo_images(small_demo(tmp_path))
    assert len({path.name for path in images}) == len(images) == 12
    assert len({lowest_rows(path) for path in images}) == 12


def test_neither_name_nor_metadata_reveals_the_class(tmp_path: Path) -> None:
    images = demo_images(write_demo_dataset(tmp_path, training=20, validation=0, test=0, size=32))
    truth = [path.parent.name == "COVID-19" for path in images]
    numbers = [int(path.stem.removeprefix("simulated-")) for path in images]
    assert 0.3 < roc_auc_score(truth, numbers) < 0.7
    assert len({description(path) for path in images}) == 1


def test_a_complete_demo_is_left_alone(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo_images(small_demo(tmp_path))}
    (tmp_path / "notes.txt").write_text("mine")
    small_demo(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in demo_images(tmp_path)} == before


def test_a_stopped_demo_is_completed(tmp_path: Path) -> None:
    def stop_at_five(done: int, total: int) -> None:
        if done == 5:
            raise Stopped

    whole = small_demo(tmp_path / "whole")
    with pytest.raises(Stopped):
        small_demo(tmp_path / "part", progress=stop_at_five)
    assert len(demo_images(tmp_path / "part")) == 5
    seen: list[tuple[int, int]] = []
    part = small_demo(tmp_path / "part", progress=lambda *step: seen.append(step))
    assert seen == [(done, 12) for done in range(6, 13)]
    for path in demo_images(whole):
        assert path.read_bytes() == (part / path.relative_to(whole)).read_bytes()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "chest.jpg").write_bytes(b"mine")
    with pytest.raises(DatasetError, match="holds other files"):
        small_demo(tmp_path)
    assert demo_images(tmp_path) == []


def test_a_place_that_cannot_hold_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="cannot be made"):
        small_demo(tmp_path / "file" / "demo")
