"""Every test has places of its own, no screen, and leaves no window behind."""

import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["COVID_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="covid-desktop-tests-")

import pytest
from pytestqt.qtbot import QtBot

from covid_desktop import paths
from covid_desktop.core.audit import SIGHT_NAMES
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard

paths.prepare_environment()

PATIENCE_MILLISECONDS = 60_000  # only a test that fails waits so long

EPOCH = {
    "epoch": 1,
    "loss": 0.7,
    "accuracy": 0.6,
    "auroc": 0.7,
    "val_loss": 0.5,
    "val_accuracy": 0.75,
    "val_auroc": 0.8,
    "learning_rate": 0.001,
    "seconds": 2.0,
}


class PatientQtBot(QtBot):
    """Waits for what has to happen until it happens: a busy computer is no failure."""

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MILLISECONDS, **how: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **how)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MILLISECONDS, **how: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **how)

    def waitUntil(self, callback: Any, *, timeout: int = PATIENCE_MILLISECONDS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitCallback(self, *, timeout: int = PATIENCE_MILLISECONDS, **how: Any) -> Any:
        return super().waitCallback(timeout=timeout, **how)


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> QtBot:
    return PatientQtBot(request)


@pytest.fixture
def make_run() -> Callable[..., Path]:
    """Writes the folder of a training run whose model has a card and no weights."""

    def make(
        root: Path,
        name: str = "2026-01-02 03.04.05 small-cnn",
        *,
        architecture: str = "small-cnn",
        losses: tuple[float | None, ...] = (0.5, 0.25),
        training: tuple[str, ...] = ("t1", "t2"),
        scores: dict[str, tuple[int, float]] | None = None,
        config: dict[str, Any] | None = None,
        **card: Any,
    ) -> Path:
        settings = TrainingConfig(architecture=architecture, **(config or {}))
        epochs = [EPOCH | {"epoch": number, "val_loss": loss} for number, loss in enumerate(losses, 1)]
        values = {
            "architecture": architecture,
            "class_names": ("Healthy", "COVID-19"),
            "preprocessing": settings.preprocessing,
            "config": settings,
            "history": {"epochs": epochs, "ended": "finished"},
            "metrics": {"validation": {"n": 4, "auroc": 0.875, "accuracy": 0.75}},
            "data": {"training": {"negative": 1, "positive": 1, "sha256": sorted(training)}},
        }
        folder = root / name
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / "model.keras", "w") as archive:
            archive.writestr("card.json", ModelCard(**values | card).to_text())
        rows = [f"{image},{label},{score}\n" for image, (label, score) in (scores or {}).items()]
        if rows:
            text = "".join(["sha256,label,score\n", *rows])
            (folder / "model.validation.csv").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def reported() -> SimpleNamespace:
    """A ``card`` and two ``judgements`` to report; ``secrets`` are texts in them that no report may hold."""
    config = TrainingConfig(architecture="small-cnn", seed=17).resolved()
    area = {"auroc": 0.875, "low": 0.8, "high": 0.95, "n": 90}
    audit = {
        "verdict": "amber",
        "sentence": "Partly told apart <without> lungs.",
        "fix": "Look where they come from.",
        "areas": dict.fromkeys(list(SIGHT_NAMES)[:5], area),
        "n": 90,
        "total": 100,
        "validation": {},
    }
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        threshold=0.25,
        threshold_origin="Youden index, on north",
        created="2026-01-02T03:04:05+00:00",
        history={"best_epoch": 3},
        data={
            "training": {"negative": 40, "positive": 30, "sha256": ["ab" * 32, "cd" * 32]},
            "validation": {"negative": 10, "positive": 8, "sha256": ["ef" * 32]},
        },
        versions={"keras": "3.15.1"},
        findings=[
            {"kind": "blank", "severity": "warning", "files": 1234},
            {"kind": "leak", "severity": "serious", "files": 2},
        ],
        audit=audit,
        calibration={"slope": 1.5, "intercept": -0.125},
        indeterminate=(0.2, 0.3),
    )
    judged = Evaluation(
        labels=(0,) * 6 + (1,) * 6,
        scores=(0.02, 0.05, 0.1, 0.22, 0.24, 0.6, 0.15, 0.28, 0.7, 0.8, 0.9, 0.97),
        threshold=0.25,
        paths=tuple(Path(f"/SECRET-PLACE/north/Healthy/SECRET-PATIENT-{number}.png") for number in range(12)),
    )
    north, south = Path("/SECRET-PLACE/north"), Path("/SECRET-PLACE/south & co")
    judgements = (
        Judgement(folder=north, subset="validation", evaluation=judged, in_validation=12),
        Judgement(folder=south, subset=None, evaluation=judged),
    )
    return SimpleNamespace(
        card=card, judgements=judgements, secrets=("SECRET", "PATIENT", "/north", "ab" * 32)
    )


_status: list[int] = []


def pytest_sessionfinish(exitstatus: int) -> None:
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave without Python's own clearing up, once all has been said.

    Qt's objects of a thousand tests are then let go of in any order, and Qt does not survive it. The
    program lets go of its window itself; tests/test_startup.py holds that it ends well.
    """
    if _status and "PySide6.QtWidgets" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
