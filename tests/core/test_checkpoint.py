"""The file of a checkpoint: whole or not used, and found again."""

import hashlib
import logging
import math
import random
import shutil
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from covid_desktop.core import checkpoints
from covid_desktop.core.checkpoint import MAGIC, Checkpoint, DamagedCheckpoint, read, read_arrays, write
from covid_desktop.core.checkpoint_changes import ResumeError, require_same_data, require_same_settings
from covid_desktop.core.checkpoints import UnfinishedRun, unfinished_run, unfinished_runs
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.events import BatchEnded, EpochEnded, LearningRateReduced, TrainingStarted
from covid_desktop.core.history import TrainingHistory
from covid_desktop.errors import UserError

CONFIG = TrainingConfig(architecture="small-cnn", epochs=25, seed=7).resolved()
ARRAYS = {
    "weights/0": np.arange(12, dtype=np.float32).reshape(3, 4).T,
    "weights/1": np.zeros((0, 2), np.float32),
    "optimizer/0": np.array(41, np.int64),
    "seeds/0": np.array([1, 2], np.uint32),
}


def history(epochs: int = 2) -> TrainingHistory:
    """With a loss that is not a number, as a run may have."""
    told = TrainingHistory().with_event(
        TrainingStarted(epochs=25, batches=2, training=4, validation=2, learning_rate=0.001)
    )
    for epoch in range(1, epochs + 1):
        told = told.with_event(BatchEnded(epoch=epoch, batch=1, loss=0.1 + 0.2, accuracy=1 / 3))
        told = told.with_event(
            EpochEnded(
                epoch=epoch,
                loss=math.inf,
                accuracy=0.5,
                auroc=0.5,
                val_loss=0.25 / epoch,
                val_accuracy=0.5,
                val_auroc=0.5,
                learning_rate=0.001,
                seconds=1.5,
            )
        )
    return told.with_event(LearningRateReduced(epoch=2, learning_rate=3e-4))


def made(**values: Any) -> Checkpoint:
    base: dict[str, Any] = {
        "config": CONFIG,
        "data_folder": Path("/data/ward 3"),
        "split_seed": 3,
        "began": "2026-01-02T14:32:00+01:00",
        "epoch": 7,
        "contents": {"training": [("ab" * 32, 1), ("cd" * 32, 0)], "validation": [("ef" * 32, 1)]},
        "history": history(),
        "best_epoch": 2,
        "best_loss": 0.125,
        "callbacks": {"EarlyStopping": {"best": 0.1 + 0.2, "wait": 2.0}, "Other": {"best": None}},
    }
    return Checkpoint(**base | values)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "one.checkpoint"
    write(path, made(), ARRAYS.items())
    return path


def test_all_of_it_comes_back(written: Path) -> None:
    assert read(written) == made()
    checkpoint, arrays = read_arrays(written)
    assert checkpoint == made()
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape


def test_the_arrays_are_an_npz_that_numpy_reads(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert set(archive.namelist()) == {f"{name}.npy" for name in ARRAYS}


def test_one_without_arrays(tmp_path: Path) -> None:
    write(tmp_path / "x", made(epoch=0))
    assert read_arrays(tmp_path / "x") == (made(epoch=0), {})


def test_a_file_cut_off_anywhere_is_damaged(written: Path) -> None:
    content = written.read_bytes()
    for length in {0, 1, 7, 8, 50, 83, 84, 200, len(content) // 2, len(content) - 22, len(content) - 1}:
        written.write_bytes(content[:length])
        for reader in (read, read_arrays):
            with pytest.raises(DamagedCheckpoint):
                reader(written)
    written.write_bytes(content + b"\0")
    with pytest.raises(DamagedCheckpoint, match="cut off"):
        read(written)


def test_a_bit_that_turned_anywhere_is_damage(written: Path) -> None:
    content = written.read_bytes()
    rng = random.Random(0)
    for place in [*range(120), *(rng.randrange(len(content)) for _ in range(200))]:
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << rng.randrange(8)
        written.write_bytes(spoilt)
        with pytest.raises(DamagedCheckpoint):
            read_arrays(written)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" * 100, MAGIC, MAGIC + b"\xff" * 500, b"\0" * 4096])
def test_a_foreign_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    for reader in (read, read_arrays):
        with pytest.raises(DamagedCheckpoint):
            reader(tmp_path / "x")
    with pytest.raises(DamagedCheckpoint):
        read(tmp_path / "missing")


def test_a_size_that_is_too_large_is_seen_before_anything_is_read(tmp_path: Path) -> None:
    for header, arrays in ((2**27, 0), (0, 2**60)):
        start = struct.pack("<8sIQ32s", MAGIC, header, arrays, bytes(32))
        (tmp_path / "x").write_bytes(start + bytes(32))
        with pytest.raises(DamagedCheckpoint, match="too large"):
            read(tmp_path / "x")


def test_pickles_and_headers_that_ask_for_memory_are_refused(tmp_path: Path, written: Path) -> None:
    def with_arrays(write_members: Any) -> Path:
        """A file whose checksums are right."""
        archive = tmp_path / "payload"
        with zipfile.ZipFile(archive, "w") as members:
            write_members(members)
        payload, header = archive.read_bytes(), b'{"x": 1}'
        content = written.read_bytes()
        length = struct.unpack("<8sI", content[:12])[1]
        header = content[84 : 84 + length]
        sizes = struct.pack("<8sIQ32s", MAGIC, length, len(payload), hashlib.sha256(payload).digest())
        path = tmp_path / "made"
        path.write_bytes(sizes + hashlib.sha256(sizes + header).digest() + header + payload)
        return path

    def pickled(members: zipfile.ZipFile) -> None:
        with members.open("x.npy", "w") as member:
            np.lib.format.write_array(member, np.array([{}], object), (1, 0))

    def huge(members: zipfile.ZipFile) -> None:
        with members.open("x.npy", "w") as member:
            header = {"descr": "<f4", "fortran_order": False, "shape": (2**50,)}
            np.lib.format.write_array_header_1_0(member, header)

    def packed(members: zipfile.ZipFile) -> None:
        members.writestr("x.npy", bytes(10**6), zipfile.ZIP_DEFLATED)

    for members in (pickled, huge, packed):
        with pytest.raises(DamagedCheckpoint):
            read_arrays(with_arrays(members))


# --- the last two


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "runs" / "a run").mkdir(parents=True)
    return tmp_path / "runs" / "a run" / "model.keras"


def keep(model: Path, *epochs: int) -> None:
    with checkpoints.kept(model) as kept:
        for epoch in epochs:
            kept.write(made(epoch=epoch), ARRAYS.items())


def names(model: Path) -> list[str]:
    return sorted(path.name for path in checkpoints.folder_of(model).glob("[!l]*"))


def test_the_last_two_are_kept(model: Path) -> None:
    keep(model, 0, 1, 2, 3)
    assert names(model) == ["epoch-000002.checkpoint", "epoch-000003.checkpoint"]
    with checkpoints.kept(model) as kept:
        assert kept.load().checkpoint.epoch == 3
        assert kept.has_epochs


def test_a_damaged_one_does_not_push_a_whole_one_out(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    """3 is torn: the run goes on from 2 and writes 3 anew; then 2 and 3 are there."""
    keep(model, 2, 3)
    torn = checkpoints.folder_of(model) / "epoch-000003.checkpoint"
    later = torn.with_name("epoch-000009.checkpoint")
    torn.write_bytes(torn.read_bytes()[:-9])
    later.write_bytes(b"torn, too")
    with caplog.at_level(logging.WARNING), checkpoints.kept(model) as kept:
        assert kept.load().checkpoint.epoch == 2
        assert caplog.text.count("is not used") == 2
        kept.write(made(epoch=3), ())
    assert names(model) == ["epoch-000002.checkpoint", "epoch-000003.checkpoint"]


def test_discarding_leaves_nothing(model: Path) -> None:
    with checkpoints.kept(model) as kept:
        kept.write(made(epoch=0))
        assert not kept.has_epochs
        kept.discard()
        assert list(model.parent.iterdir()) == []
        assert kept.load() is None


def test_what_a_killed_writer_left_is_removed(model: Path) -> None:
    keep(model, 1)
    left = checkpoints.folder_of(model) / ".epoch-000002-x1y2.checkpoint"
    left.write_bytes(b"half")
    with checkpoints.kept(model):
        assert not left.exists()


def test_a_run_is_held_by_one_alone(model: Path) -> None:
    with checkpoints.kept(model) as kept:
        kept.write(made())
        assert unfinished_run(model) is None
        assert unfinished_runs(model.parents[1]) == ()
        with pytest.raises(UserError, match="goes on in another window"), checkpoints.kept(model):
            pass
        with pytest.raises(UserError, match="goes on in another window"):
            checkpoints.discard(UnfinishedRun(model=model, checkpoint=made()))
    assert unfinished_run(model) == UnfinishedRun(model=model, checkpoint=made())


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """The system refuses to let files grow beyond ``size`` bytes, as a full disk does."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 100, 3000, 200_000])
def test_one_that_does_not_fit_on_the_disk_leaves_the_one_before(model: Path, size: int) -> None:
    keep(model, 1)
    large = {"weights/0": np.ones(10**6, np.float32)}
    with checkpoints.kept(model) as kept:
        with full_disk(size), pytest.raises(UserError, match="could not be written"):
            kept.write(made(epoch=2), large.items())
        assert names(model) == ["epoch-000001.checkpoint"]
        assert kept.load().checkpoint.epoch == 1
        kept.write(made(epoch=2), large.items())
        assert kept.load().checkpoint.epoch == 2


def test_a_place_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with checkpoints.kept(tmp_path / "missing" / "model.keras") as kept, pytest.raises(UserError) as caught:
        kept.write(made())
    assert caught.value.what == "The folder model.checkpoints cannot be written: No such file or directory."


# --- found again


def test_runs_are_found_the_newest_first(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = model.parents[1]
    for name, began in (("b", "2026-01-02T15:00:00+01:00"), ("c", "2026-01-02T13:00:00+01:00")):
        (root / name).mkdir()
        with checkpoints.kept(root / name / "model.keras") as kept:
            kept.write(made(began=began))
    keep(model, 4, 5)
    (root / "finished").mkdir()
    for hidden in (root / ".trash" / "d", root / "torn"):
        shutil.copytree(model.parent, hidden)
    for torn in (root / "torn").rglob("epoch*"):
        torn.write_bytes(b"torn")
    found = unfinished_runs(root)
    assert [run.model.parent.name for run in found] == ["b", "a run", "c"]
    assert [run.next_epoch for run in found] == [8, 6, 8]
    assert caplog.text.count("is not used") == 2
    assert unfinished_runs(root / "missing") == ()


def test_discarding_a_run_removes_its_folder_where_nothing_else_is_in_it(model: Path) -> None:
    keep(model, 1)
    run = unfinished_run(model)
    assert run
    checkpoints.discard(run)
    assert not model.parent.exists()
    model.parent.mkdir()
    keep(model, 1)
    model.write_bytes(b"a model")
    checkpoints.discard(run)
    assert list(model.parent.iterdir()) == [model]


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({}, "after epoch 7 of 25"),
        ({"epoch": 0}, "before its first epoch had ended"),
        ({"ended": "finished", "epoch": 25}, "after its last epoch, before its model was saved"),
    ],
)
def test_what_happened_is_said_in_a_sentence(values: dict[str, Any], where: str) -> None:
    now = datetime.now().astimezone().replace(hour=14, minute=32)
    run = UnfinishedRun(model=Path("m.keras"), checkpoint=made(began=now.isoformat(), **values))
    assert run.sentence == f"The run of 14:32 on ward 3 was interrupted {where}."
    earlier = now - timedelta(days=3)
    older = replace(run, checkpoint=replace(run.checkpoint, began=earlier.isoformat()))
    assert older.sentence.startswith(f"The run of {earlier:%Y-%m-%d}, 14:32 on ward 3 ")


# --- what changed


def test_changed_settings_are_named() -> None:
    require_same_settings(CONFIG, TrainingConfig(architecture="small-cnn", epochs=25, seed=7))
    other = replace(CONFIG, epochs=40, augmentation=AUGMENTATIONS["none"])
    with pytest.raises(ResumeError) as caught:
        require_same_settings(CONFIG, other)
    assert caught.value.what == (
        "The settings changed since the run was interrupted: Epochs is 40 instead of 25, "
        "Rotation is 0 instead of 10.0, Zoom is 0 instead of 0.1, Horizontal flip is False instead of True."
    )


def test_changed_data_is_counted() -> None:
    then = {"training": [("a", 0), ("b", 1), ("c", 1)], "validation": [("d", 0)]}
    require_same_data(then, {name: list(images) for name, images in then.items()})
    require_same_data({}, then)
    now = {"training": [("a", 1), ("b", 1)], "validation": [("d", 0), ("e", 1), ("f", 1)]}
    with pytest.raises(ResumeError) as caught:
        require_same_data(then, now)
    assert caught.value.what == (
        "The data changed since the run was interrupted: 1 training image is missing, "
        "1 training image has another class, 2 validation images are new."
    )
