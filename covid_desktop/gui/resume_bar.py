"""The offer to go on with a training run that was interrupted."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import IconLabel, label, push_button


class ResumeBar(QFrame):
    """What was interrupted, and what can be done with it; both signals carry the UnfinishedRun."""

    resume_requested = Signal(object)
    discard_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("resume_bar")
        self.setProperty("class", "card")
        self.run: UnfinishedRun | None = None
        self._what = label("", "strong", wrap=True)
        self._what.setTextFormat(Qt.TextFormat.PlainText)
        self._others = label("", "muted", wrap=True)
        self._resume = push_button("Resume", "resume_run")
        self._discard = push_button("Discard", "discard_run")
        self._discard.setToolTip("Remove what was kept of this run; models that are saved stay")
        self._resume.clicked.connect(self._on_resume_clicked)
        self._discard.clicked.connect(self._on_discard_clicked)
        self._lay_out()
        self.hide()

    def show_run(self, run: UnfinishedRun | None, others: int = 0) -> None:
        """Offer ``run``, and say how many others wait; None hides the offer."""
        self.run = run
        self.setVisible(run is not None)
        if run is None:
            return
        self._what.setText(run.sentence)
        self._others.setText("1 other run waits." if others == 1 else f"{others} other runs wait.")
        self._others.setVisible(others > 0)
        self._resume.setText(_offer(run))
        self._resume.setAccessibleName(f"{_offer(run)}: {run.sentence}")
        self._discard.setAccessibleName(f"Discard: {run.sentence}")
        self.setAccessibleName(run.sentence)

    @Slot()
    def _on_resume_clicked(self) -> None:
        self.resume_requested.emit(self.run)

    @Slot()
    def _on_discard_clicked(self) -> None:
        self.discard_requested.emit(self.run)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self._what)
        words.addWidget(self._others)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, GAP_SMALL, GAP_SMALL, GAP_SMALL)
        row.setSpacing(GAP_SMALL)
        row.addWidget(IconLabel("info", "accent"))
        row.addSpacing(4)
        row.addLayout(words, 1)
        row.addWidget(self._resume)
        row.addWidget(self._discard)


def _offer(run: UnfinishedRun) -> str:
    if run.checkpoint.ended:
        return "Save its model"
    return f"Resume from epoch {run.next_epoch}" if run.checkpoint.epoch else "Start it again"
