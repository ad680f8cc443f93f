"""A live grid of training images as the network will see them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from covid_desktop.core.dataset import Sample
from covid_desktop.errors import UserError
from covid_desktop.gui.config_form import ConfigForm
from covid_desktop.gui.pictures import to_qimage
from covid_desktop.gui.task import Task
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label, push_button

COLUMNS, ROWS, SIDE = 4, 3, 150


class PreviewDialog(QDialog):
    """Follows the form's settings while it is open; ``Again`` draws another example of each image."""

    def __init__(
        self, samples: Sequence[Sample], form: ConfigForm, preview: Callable[..., Any], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("augmentation_preview")
        self.setWindowTitle("Augmentation preview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        step = max(1, len(samples) // (COLUMNS * ROWS))
        self._images = [sample.path for sample in samples[::step]][: COLUMNS * ROWS]
        self._form, self._preview = form, preview
        self._draw = 0
        self._task: Task | None = None
        self._is_stale = False
        self._note = label("", "muted")
        self._cells = [QLabel() for _ in self._images]
        self._lay_out()
        form.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw the images anew; a change that comes meanwhile is drawn after."""
        if self._task:
            self._is_stale = True
            return
        self._note.setText("Drawing")
        config = replace(self._form.config, seed=self._draw)
        self._task = Task(partial(self._preview, self._images, config))
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.start()

    @Slot()
    def _on_again_clicked(self) -> None:
        self._draw += 1
        self.refresh()

    @Slot(object)
    def _on_succeeded(self, pictures: list[NDArray[np.uint8]]) -> None:
        for cell, picture in zip(self._cells, pictures, strict=False):
            pixmap = QPixmap.fromImage(to_qimage(picture))
            smooth = Qt.TransformationMode.SmoothTransformation
            cell.setPixmap(pixmap.scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio, smooth))
        self._end("Training images as the network may see them. Validation images stay as they are.")

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._end(str(error))

    def _end(self, note: str) -> None:
        self._task = None
        self._note.setText(note)
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def done(self, result: int) -> None:
        if self._task:
            self._task.stop()
        super().done(result)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(GAP_SMALL)
        for number, cell in enumerate(self._cells):
            cell.setFixedSize(SIDE, SIDE)
            cell.setProperty("class", "picture")
            grid.addWidget(cell, number // COLUMNS, number % COLUMNS)
        again = push_button("Again", "preview_again")
        again.clicked.connect(self._on_again_clicked)
        close = push_button("Close", "close_preview", primary=True)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self._note, 1)
        buttons.addWidget(again)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addLayout(grid)
        column.addLayout(buttons)
