"""A model card to read and to publish, as Markdown."""

from collections.abc import Sequence

from covid_desktop.core.card_sections import RESEARCH_USE, card_sections, classes_of
from covid_desktop.core.document import markdown
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard


def card_text(card: ModelCard, judgements: Sequence[Judgement] = ()) -> str:
    """What the model is, was made of and can do; what its author alone knows is left to fill in."""
    return markdown(
        f"Model card: {' / '.join(classes_of(card))}", RESEARCH_USE, card_sections(card, judgements)
    )
