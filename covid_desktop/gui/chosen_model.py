"""The model that scores, or why none does."""

from pathlib import Path

from covid_desktop import jobs
from covid_desktop.gui.answer import decides_where


class ChosenModel:
    """A model that was refused stays so, even when its file is loaded again.

    ``source`` is its ``model_id``. ``refusal`` says why ``model`` is asked for nothing, ``reason_for_none``
    why there is no model.
    """

    def __init__(self) -> None:
        self.model: jobs.Model | None = None
        self.source = ""
        self.refusal = ""
        self.reason_for_none = ""
        self._refusals: dict[tuple[Path, str], str] = {}

    @property
    def name(self) -> str:
        """The model's; empty where there is none."""
        return self.model.name if self.model else ""

    @property
    def usable(self) -> jobs.Model | None:
        """The model, unless it is refused."""
        return None if self.refusal else self.model

    def choose(self, model: jobs.Model) -> None:
        self.model = model
        self.refusal = self._refusals.get(_identity(model), "")

    def refuse(self, reason: str) -> None:
        if self.model:
            self._refusals[_identity(self.model)] = self.refusal = reason

    def accept(self) -> bool:
        """Whether it was refused; it is not any more once it is chosen again."""
        return self.model is not None and bool(self._refusals.pop(_identity(self.model), ""))


def describe_model(model: jobs.Model) -> str:
    """A model's name and, in the next line, where it decides."""
    return f"Model: {model.name}\n{decides_where(model.card)}"


def _identity(model: jobs.Model) -> tuple[Path, str]:
    """The same where a file is loaded again, another one for a run that has replaced it."""
    return model.path, model.card.created
