"""What is read about the one image that is looked at: its picture, and what the model saw in it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop import jobs
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.dicom_header import DicomHeader, read_header
from covid_desktop.core.familiarity import Similar
from covid_desktop.core.image import view
from covid_desktop.core.viewing import View
from covid_desktop.errors import UserError
from covid_desktop.gui.task import Background


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An image as it is looked at: turned or inverted, and with its heatmap where that is wanted."""

    path: Path
    adjustment: Adjustment = AS_IT_IS
    with_heatmap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What a file shows; ``view`` is None where it cannot be read, ``header`` of other files than DICOM."""

    view: View | None
    header: DicomHeader | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinion:
    """What the model saw; ``heatmap`` is None where it was not wanted, or for the ``problem`` it met."""

    similar: tuple[Similar, ...] = ()
    heatmap: jobs.Heatmap | None = None
    problem: str = ""


class CloserLook(QObject):
    """``pictured`` carries a Look and its Picture, ``judged`` a Look and the model's Opinion.

    Only the newest question is answered.
    """

    pictured = Signal(object, object)
    judged = Signal(object, object)

    def __init__(
        self,
        parent: QObject,
        heatmap: Callable[..., Any] = jobs.heatmap,
        similar: Callable[..., Any] = jobs.similar_images,
    ) -> None:
        super().__init__(parent)
        self._heatmap, self._similar = heatmap, similar
        self._model: jobs.Model | None = None
        self._looked: Look | None = None
        self._asked: _Question | None = None
        self._reader = Background(read_look, self, capacity=1)
        self._judge = Background(self._judged, self, capacity=1)
        self._reader.answered.connect(self._on_read)
        self._judge.answered.connect(self._on_judged)

    def set_model(self, model: jobs.Model | None) -> None:
        """Ask ``model`` from now on, or none; what another one was asked is not answered any more."""
        self._model, self._asked = model, None
        self._judge.forget()

    def look(self, look: Look) -> None:
        """Read the picture. What the model was asked of the one before is not wanted any more."""
        self._looked, self._asked = look, None
        self._judge.forget()
        self._reader.ask(look)

    def judge(self, look: Look) -> None:
        """Ask the model."""
        if self._model:
            self._asked = _Question(look=look, model=self._model)
            self._judge.ask(self._asked)

    def close(self) -> None:
        self._reader.close()
        self._judge.close()

    def _judged(self, question: "_Question") -> Opinion:
        """In the other thread."""
        look, model = question.look, question.model
        similar: tuple[Similar, ...] = ()
        try:
            similar = self._similar(model, look.path, look.adjustment)
            if not look.with_heatmap:
                return Opinion(similar=similar)
            return Opinion(similar=similar, heatmap=self._heatmap(model, look.path, look.adjustment))
        except UserError as error:
            return Opinion(similar=similar, problem=str(error))

    @Slot(object, object)
    def _on_read(self, look: Look, picture: Picture) -> None:
        if look == self._looked:
            self.pictured.emit(look, picture)

    @Slot(object, object)
    def _on_judged(self, question: "_Question", opinion: Opinion) -> None:
        if question is self._asked:
            self.judged.emit(question.look, opinion)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Question:
    """The same only as itself: the model may decide otherwise by the next one."""

    look: Look
    model: jobs.Model


def read_look(look: Look) -> Picture:
    """In the other thread: the picture, turned or inverted, and its DICOM header."""
    try:
        header = read_header(look.path)
        return Picture(view=view(look.path).adjusted(look.adjustment), header=header)
    except UserError:
        return Picture(view=None)
