"""Takes docs/screenshots from the running window.

    python tests/take_screenshots.py FOLDER [DATA] [light|dark]

Needs a display (Xvfb will do). DATA is the built-in demo where it is not given. Images of patients never
go into docs.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QObject
from PySide6.QtWidgets import QApplication, QWidget

from covid_desktop import paths

paths.prepare_environment()

from covid_desktop import jobs  # noqa: E402 (after the environment is prepared)
from covid_desktop.core.image import decode  # noqa: E402
from covid_desktop.gui.main_window import MainWindow  # noqa: E402
from covid_desktop.gui.settings import Settings  # noqa: E402
from covid_desktop.gui.theme import apply_theme  # noqa: E402

_PATIENCE_MILLISECONDS = 300_000


def main(folder: Path, data: Path, scheme: str) -> None:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    apply_theme(app, scheme)
    window = MainWindow(Settings(folder / "settings.ini"))
    window.resize(1200, 800)
    window.show()
    settle(window)
    save(window, folder / "empty.png")
    window.open_folder(data)
    wait_until(lambda: window.data.opened is not None)
    settle(window)
    wait_until(lambda: window.data.is_checked)
    settle(window)
    save(window, folder / "data.png")
    findings(window, folder)
    window.show_tab("train")
    window.train.start()
    wait_until(lambda: not window.train.is_running)
    settle(window)
    save(window, folder / "train.png")
    samples = window.data.opened.split.validation
    prediction(window, folder, [sample.path for sample in samples[:6] + samples[-6:]])
    evaluation(window, folder)
    extras(window, folder)
    window.close()
    wait_until(lambda: not window.isVisible())


def findings(window: MainWindow, folder: Path) -> None:
    """What was found, the shortcut audit, and the patients."""
    window.data.start_audit()
    window.data.show_audit_entry()
    settle(window)
    save(window, folder / "audit-running.png")
    wait_until(lambda: window.data.can_audit)
    settle(window)
    save(window, folder / "audit.png")
    rows = child(window, "findings")
    for row in range(1, rows.count()):
        rows.setCurrentRow(row)
        settle(window, 1500)
        save(window, folder / f"finding-{row}.png")
    child(window, "choose_skipped").click()
    settle(window)
    save(window, folder / "skipped.png")
    child(window, "choose_patients").click()
    child(window, "patient_pattern").setText("{patient}-*")
    child(window, "patients").show_preview()
    settle(window)
    save(child(window, "patients"), folder / "patients.png")
    child(window, "patients").close()
    child(window, "choose_positive").click()


def prediction(window: MainWindow, folder: Path, images: list[Path]) -> None:
    """A list with an inverted image and a stranger, a mark, and a heatmap; then the inverted one."""
    odd = folder / "odd"
    odd.mkdir(exist_ok=True)
    inverted, stranger = odd / "inverted.png", odd / "checks.png"
    Image.fromarray(255 - decode(images[0])).save(inverted)
    Image.fromarray(np.kron(np.indices((8, 8)).sum(axis=0) % 2 * 255, np.ones((32, 32))).astype("u1")).save(
        stranger
    )
    window.score([*images, inverted, stranger])
    wait_until(lambda: window.predict.worklist.rowCount() > 0 and not window.predict.worklist.waiting)
    positive = next(one.path for one in window.predict.worklist.predictions if one.label == "COVID-19")
    window.predict.view.choose(positive)
    settle(window, 1500)
    window.predict.view.agree()
    child(window, "picture_heatmap").click()
    settle(window, 4000)
    save(window, folder / "predict.png")
    window.predict.view.choose(inverted)
    settle(window, 1500)
    save(window, folder / "inverted.png")


def evaluation(window: MainWindow, folder: Path) -> None:
    """The validation images: numbers, cases with a heatmap, calibration; then the runs."""
    window.show_tab("evaluate")
    sets = child(window, "evaluated_set")
    sets.setCurrentIndex(sets.findData("validation"))
    window.evaluate.start()
    wait_until(lambda: not window.evaluate.is_running)
    settle(window, 1500)
    save(window, folder / "evaluate.png")
    child(window, "choose_cases").click()
    child(window, "choose_found").click()
    cases = child(window, "cases")
    cases.setCurrentIndex(cases.images.index(0))
    settle(window, 4000)
    save(window, folder / "cases.png")
    child(window, "choose_calibration").click()
    settle(window)
    save(window, folder / "calibration.png")
    window.show_tab("runs")
    settle(window, 2000)
    save(window, folder / "runs.png")


def extras(window: MainWindow, folder: Path) -> None:
    window.show_tab("train")
    for name in ("toggle_augmentation", "toggle_more"):
        child(window, name).click()
    settle(window)
    save(window, folder / "settings.png")
    child(window, "preview_augmentation").click()
    settle(window, 2000)
    dialog = child(window, "augmentation_preview")
    save(dialog, folder / "preview.png")
    dialog.close()
    for name in ("about", "first_steps"):
        child(window, f"action_{name}").trigger()
        settle(window)
        save(child(window, name), folder / f"{name}.png")
        child(window, name).close()
    window.resize(1024, 700)
    settle(window)
    save(window, folder / "small.png")


def child(window: QWidget, name: str) -> Any:
    return window.findChild(QObject, name)


def wait_until(done: Callable[[], bool]) -> None:
    deadline = QDeadlineTimer(_PATIENCE_MILLISECONDS)
    while not done():
        if deadline.hasExpired():
            raise SystemExit("Nothing came of it.")
        QCoreApplication.processEvents()


def settle(window: QWidget, milliseconds: int = 700) -> None:
    deadline = QDeadlineTimer(milliseconds)
    while not deadline.hasExpired():
        QCoreApplication.processEvents()


def save(widget: QWidget, path: Path) -> None:
    widget.grab().save(str(path))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    source = Path(sys.argv[2]) if len(sys.argv) > 2 else jobs.make_demo()
    main(target, source, sys.argv[3] if len(sys.argv) > 3 else "light")
