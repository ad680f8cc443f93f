"""The real program with an empty home, until TensorFlow is loaded.

Prints the time of day of the first paint and of TensorFlow's arrival, as JSON.
"""

import json
import sys
import time

from PySide6.QtCore import QEvent, QTimer, Slot

from covid_desktop import app, paths
from covid_desktop.gui.main_window import MainWindow


class TimedWindow(MainWindow):
    """Notes when it has been painted, and closes when TensorFlow is there."""

    painted = 0.0

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.painted:
            QTimer.singleShot(0, self._on_painted)  # after all that it holds was painted, too
        return super().event(event)

    @Slot()
    def _on_painted(self) -> None:
        self.painted = self.painted or time.time()

    @Slot(object)
    def _on_tensorflow_loaded(self, result: object) -> None:
        sys.stdout.write(json.dumps({"painted": self.painted, "tensorflow": time.time()}))
        QTimer.singleShot(200, self.close)  # when the thread has ended, too


if __name__ == "__main__":
    paths.prepare_environment()
    vars(app)["MainWindow"] = TimedWindow
    sys.exit(app.run())
