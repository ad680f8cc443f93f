"""What the Predict tab says of models, scoring and watching."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Slot

from covid_desktop.core.words import counted
from covid_desktop.errors import UserError
from covid_desktop.gui.notices import Action, Banner


class PredictBanner(Banner):
    """A Banner with a sentence for each thing that can happen on the tab."""

    @Slot(object)
    def show_failure(self, error: UserError) -> None:
        """Of what cannot be tried again from here."""
        self.show_error(error)

    def show_other_models(self, names: Sequence[str], loaded: str, score_again: Action | None) -> None:
        """The results that were opened are not those of the model that is loaded."""
        what = f"The results are of another model: {', '.join(names)}."
        self.show_notice("info", what, f"Loaded is {loaded}.", action=score_again)

    def show_not_saved(self, names: Sequence[str], loaded: str, score_again: Action | None) -> None:
        """A document that names the model must not hold what another one said."""
        what = f"Nothing was saved: results are of another model, {', '.join(names)}."
        fix = f"Score them again with {loaded}, or load the other model."
        self.show_notice("warning", what, fix, action=score_again)

    def show_watch_ended(self, folder: Path) -> None:
        what = f"{folder.name or folder} is not watched any more: another model is loaded."
        self.show_notice("warning", what, "Watch it again to go on with this model.")

    def show_cancelled(self, left: int, score_rest: Callable[[], object]) -> None:
        what = f"Scoring was cancelled. Left to score: {counted(left, 'image')}."
        self.show_notice("info", what, action=("Score the rest", score_rest))
