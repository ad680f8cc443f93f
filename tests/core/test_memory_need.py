"""How much memory a run needs, next to what runs were seen to take."""

import sys
from pathlib import Path

import pytest

from covid_desktop.core import free_memory, memory_need
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.free_memory import available_memory

GB = 10**9


@pytest.fixture(autouse=True)
def with_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the window, which has loaded it by then."""
    monkeypatch.setitem(sys.modules, "tensorflow", sys)


def config(architecture: str, size: int, batch: int) -> TrainingConfig:
    return TrainingConfig(architecture=architecture, image_size=size, batch_size=batch)


@pytest.mark.parametrize("name", ["small-cnn", "reference-cnn", "efficientnet-lite0"])
def test_larger_images_more_images_and_larger_batches_need_more(name: str) -> None:
    need = memory_need.memory_need(config(name, 256, 32), 1000, 200)
    assert memory_need.memory_need(config(name, 384, 32), 1000, 200) > need
    assert memory_need.memory_need(config(name, 256, 32), 5000, 200) > need
    if name != "efficientnet-lite0":  # it is frozen, and reads images in batches of its own
        assert memory_need.memory_need(config(name, 256, 64), 1000, 200) > need


@pytest.mark.parametrize(
    ("name", "size", "batch", "training", "megabytes"),
    [
        ("small-cnn", 128, 16, 32, 343),
        ("small-cnn", 128, 128, 128, 586),
        ("small-cnn", 384, 16, 32, 574),
        ("small-cnn", 384, 64, 64, 1829),
        ("efficientnet-lite0", 128, 32, 32, 354),
        ("efficientnet-lite0", 224, 32, 32, 354),
        ("efficientnet-lite0", 384, 32, 32, 621),
        ("reference-cnn", 128, 2, 8, 798),
        ("reference-cnn", 128, 16, 32, 1335),
        ("reference-cnn", 227, 2, 8, 2176),
    ],
)
def test_it_is_about_what_runs_were_seen_to_take(
    name: str, size: int, batch: int, training: int, megabytes: int
) -> None:
    """Peaks of the resident memory (MiB) above what TensorFlow takes, audit and saving included."""
    need = memory_need.memory_need(config(name, size, batch), training, 8)
    assert need / 2**20 == pytest.approx(megabytes, rel=0.15)


def test_without_tensorflow_the_libraries_are_still_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = memory_need.memory_need(TrainingConfig(), 100, 20)
    monkeypatch.delitem(sys.modules, "tensorflow")
    assert memory_need.memory_need(TrainingConfig(), 100, 20) > with_it + GB // 4


def test_augmented_copies_are_read_and_held() -> None:
    plain = TrainingConfig(augmentation=AUGMENTATIONS["none"])
    assert memory_need.memory_need(TrainingConfig(), 1000, 200) > memory_need.memory_need(plain, 1000, 200)


def test_a_shortage_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_need, "memory_need", lambda *_: 9 * GB)
    monkeypatch.setattr(memory_need, "available_memory", lambda: 4 * GB)
    assert memory_need.shortage(config("small-cnn", 512, 512), 1, 1) == (
        "This run needs about 9 GB of memory, 4 GB are free: choose a smaller image size or batch size."
    )
    assert memory_need.shortage(TrainingConfig(), 1, 1) == (
        "This run needs about 9 GB of memory, 4 GB are free: choose a smaller image size."
    )


@pytest.mark.parametrize("available", [None, 9 * GB])
def test_nothing_is_said_where_it_suffices_or_nobody_knows(
    monkeypatch: pytest.MonkeyPatch, available: int | None
) -> None:
    monkeypatch.setattr(memory_need, "memory_need", lambda *_: 9 * GB)
    monkeypatch.setattr(memory_need, "available_memory", lambda: available)
    assert memory_need.shortage(TrainingConfig(), 1, 1) == ""


def test_nothing_is_said_of_settings_that_are_wrong_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_need, "available_memory", lambda: 0)
    assert memory_need.shortage(TrainingConfig(image_size=10_000), 1, 1) == ""


def test_small_numbers_have_a_decimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_need, "memory_need", lambda *_: 1_440_000_000)
    monkeypatch.setattr(memory_need, "available_memory", lambda: 300_000_000)
    assert "about 1.4 GB of memory, 0.3 GB are free" in memory_need.shortage(TrainingConfig(), 1, 1)


# --- what there is


@pytest.mark.skipif(sys.platform not in ("linux", "darwin", "win32"), reason="nobody knows there")
def test_this_system_says_how_much_there_is() -> None:
    available = available_memory()
    assert available is not None
    assert 10**6 < available < 2**50


def test_linux_says_it_in_kilobytes(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  2000 kB\nMemFree:  100 kB\nMemAvailable:     1000 kB\n", encoding="ascii")
    assert free_memory._linux(file) == 1_024_000


@pytest.mark.parametrize("text", ["", "MemFree: 100 kB\n", "MemAvailable: many\n"])
def test_what_cannot_be_read_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "meminfo"
    file.write_text(text, encoding="ascii")
    monkeypatch.setattr(free_memory, "_MEMINFO", file)
    monkeypatch.setattr(sys, "platform", "linux")
    assert available_memory() is None


def test_a_system_without_the_file_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_memory, "_MEMINFO", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", "freebsd")
    assert available_memory() is None
