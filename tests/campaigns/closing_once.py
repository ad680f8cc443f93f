"""The real program, made busy and closed at a moment, in a process of its own.

Arguments: what it is busy with, how it is closed, milliseconds from the beginning of that to the close, the
folder of images, the folder for exports. Prints a line at the moment it is closed: "closing", and the
seconds of the processor until then.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication

from covid_desktop.__main__ import main
from covid_desktop.core.config import TrainingConfig
from covid_desktop.gui.main_window import MainWindow

POLL_MS = 10
_load_in_background = MainWindow.load_in_background


class Busy(QObject):
    """Waits until the window can do what it is asked, lets it, and closes it so long after."""

    def __init__(
        self, window: MainWindow, what: str, way: str, milliseconds: int, images: Path, out: Path
    ) -> None:
        super().__init__(window)
        self._window, self._way, self._milliseconds = window, way, milliseconds
        self._images, self._out = images, out
        self._detail = what.partition(":")[2]
        steps: dict[str, tuple[Callable[[], bool], Callable[[], None]]] = {
            "loading": (lambda: True, lambda: None),
            "opening": (lambda: True, lambda: window.open_folder(images)),
            "checking": (self._has_data, window.data.start_check),
            "auditing": (self._has_data, window.data.start_audit),
            "training": (self._has_data, self._train),
            "predicting": (self._has_model, lambda: window.score([images])),
            "watching": (self._has_model, self._watch),
            "verifying": (self._has_model, window._menus.model.verify_model),
            "exporting": (self._has_model, self._export),
        }
        self._can, self._start = steps[what.partition(":")[0]]
        if what not in ("loading", "opening"):
            window.open_folder(images)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._on_poll)
        self._poll.start()

    def _has_data(self) -> bool:
        return self._window.train.can_start and self._has_model()

    def _has_model(self) -> bool:
        return self._window.predict.model is not None

    def _train(self) -> None:
        sizes = {"small-cnn": 128, "efficientnet-lite0": 128, "reference-cnn": 96}
        self._window.train.form.set_config(
            TrainingConfig(architecture=self._detail, image_size=sizes[self._detail], epochs=30, patience=30)
        )
        self._window.train.start()

    def _watch(self) -> None:
        self._window.predict.start_watching(self._images, include_existing=True)

    def _export(self) -> None:
        target = self._out / f"exported.{self._detail}"
        self._window._dialogs.save_as = lambda *_: target  # type: ignore[method-assign]
        getattr(self._window._menus.model, f"export_{self._detail}")()

    @Slot()
    def _on_poll(self) -> None:
        if self._can():
            self._poll.stop()
            self._start()
            QTimer.singleShot(self._milliseconds, self._close)

    @Slot()
    def _close(self) -> None:
        sys.stdout.write(f"closing {time.process_time()}\n")
        sys.stdout.flush()
        if self._way == "signal":
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if question := QApplication.activeModalWidget():
            question.close()
        self._poll.timeout.disconnect()
        self._poll.timeout.connect(self._answer)
        self._poll.start()
        self._window.close()

    @Slot()
    def _answer(self) -> None:
        """Stop the run and close, where that is asked."""
        if question := QApplication.activeModalWidget():
            for button in question.findChildren(QAbstractButton):
                if button.text() in ("Stop and close", "Close and resume later"):
                    button.click()


def begin(window: MainWindow, arguments: list[Any]) -> None:
    _load_in_background(window)
    window._campaign = Busy(window, *arguments)  # type: ignore[attr-defined]


if __name__ == "__main__":
    what, way, milliseconds, images, out = sys.argv[1:]
    arguments = [what, way, int(milliseconds), Path(images), Path(out)]
    MainWindow.load_in_background = lambda window: begin(window, arguments)  # type: ignore[method-assign]
    sys.argv = ["covid-desktop"]
    sys.exit(main())
