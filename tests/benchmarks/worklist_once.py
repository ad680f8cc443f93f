"""One measurement of the worklist, in a process of its own, as JSON.

Arguments: what, model, folder, count.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from covid_desktop import jobs, paths
from covid_desktop.core.image import read_image
from covid_desktop.core.loading import read_each
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import apply_theme

_BATCH = 8
_MANY = 10_000
_PATIENCE_SECONDS = 30


def speed(model: jobs.Model, files: list[Path]) -> dict[str, Any]:
    preprocessing = model.card.preprocessing
    some = files[:200]
    one = len(some) / _seconds(lambda: [read_image(path, preprocessing) for path in some])
    decode = len(files) / _seconds(lambda: [None for _ in read_each(files, preprocessing)])
    pixels = np.stack([read_image(path, preprocessing) for path in files[:_BATCH]])
    times = len(files) // _BATCH
    network = times * _BATCH / _seconds(lambda: [model.classifier.scores(pixels) for _ in range(times)])
    worklist = len(files) / _seconds(lambda: jobs.predict(model, files))
    return {"one": one, "decode": decode, "network": network, "worklist": worklist}


def memory(model: jobs.Model, files: list[Path]) -> dict[str, Any]:
    """Resident megabytes at the start and after each 1,000 of 10,000 images, the same ones over and over."""
    many = [files[number % len(files)] for number in range(_MANY)]
    found = [_resident()]

    def hear(_: object) -> None:
        hear.count += 1  # type: ignore[attr-defined]
        if hear.count % 1000 == 0:  # type: ignore[attr-defined]
            found.append(_resident())

    hear.count = 0  # type: ignore[attr-defined]
    jobs.predict(model, many, emit=hear)
    return {"megabytes": found}


def drop(model: jobs.Model, files: list[Path]) -> dict[str, Any]:
    """From a file given to the window until its picture and answer are drawn, and until its heatmap is."""
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    window = MainWindow(Settings(paths.settings_file()))
    window.show()
    window.predict.set_model(model)
    window.show_tab("predict")
    seen: list[Path] = []
    window.predict._look.pictured.connect(lambda look, _: seen.append(look.path))
    screen: list[float] = []
    for path in files:
        began = time.perf_counter()
        window.score([path])
        _wait(lambda path=path: _is_shown(window, path, seen))
        screen.append(1000 * (time.perf_counter() - began))
    heat: list[float] = []
    view = window.predict.picture
    for _ in range(len(files)):
        _settle()
        began = time.perf_counter()
        view._tools.heatmap.click()
        _wait(lambda: view._heatmap is not None)
        view._canvas.repaint()
        heat.append(1000 * (time.perf_counter() - began))
        view._tools.heatmap.click()
        window.predict.view.previous_image()
        _wait(lambda: _is_shown(window, window.predict.view.current, seen))
    window.close()
    return {"screen": screen[1:], "heatmap": heat[1:]}


def _is_shown(window: MainWindow, path: Path | None, seen: list[Path]) -> bool:
    tab = window.predict
    if path is None or tab.view.current != path or seen[-1:] != [path]:
        return False
    row = tab.worklist.row_of(path)
    if row is None or tab.worklist.prediction(row) is None:
        return False
    window.repaint()
    tab.picture._canvas.repaint()
    return True


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > until:
            raise SystemExit("Nothing came of it.")
        QCoreApplication.processEvents()
        time.sleep(0.001)


def _settle() -> None:
    for _ in range(50):
        QCoreApplication.processEvents()
        time.sleep(0.002)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _resident() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main(what: str, model: str, folder: str, count: str) -> None:
    loaded = jobs.load_model(Path(model))
    files = sorted(Path(folder).rglob("*.png"))[: int(count)]
    jobs.predict(loaded, files[:20])
    jobs.heatmap(loaded, files[0])
    work = {"speed": speed, "memory": memory, "drop": drop}
    sys.stdout.write(json.dumps(work[what](loaded, files)))


if __name__ == "__main__":
    paths.prepare_environment()
    main(*sys.argv[1:])
