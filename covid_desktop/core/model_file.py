"""A model's file as an archive: the card in it is read and replaced without the network."""

import shutil
import zipfile
import zlib
from copy import copy
from pathlib import Path

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.model_card import MAX_CARD_BYTES, ModelCard
from covid_desktop.errors import ModelError

CARD = "card.json"
WEIGHTS = "model.weights.h5"
MAX_WEIGHTS_BYTES = 2**31


def read_card(path: Path) -> ModelCard:
    """The card in a model file. Raises ModelError with what to do."""
    if not path.is_file():
        raise ModelError(f"There is no file {path.name}.", "Choose another model.")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if CARD not in sizes:
                raise ModelError(
                    f"{path.name} has no model card: it was not made by this program.",
                    "Choose a model that was trained here.",
                )
            if sizes[CARD] > MAX_CARD_BYTES or sizes.get(WEIGHTS, 0) > MAX_WEIGHTS_BYTES:
                raise ModelError(
                    f"{path.name} is too large to be a model of this program.", "Choose another one."
                )
            return ModelCard.from_text(archive.read(CARD))
    except ModelError:
        raise
    except Exception as error:  # zipfile and its codecs raise all kinds on a damaged file
        raise ModelError(
            f"{path.name} is damaged or is not a model file.", "Choose a .keras file that was saved here."
        ) from error


def rewrite_card(path: Path, card: ModelCard) -> None:
    """Put another card into a model file, whole or not at all; its other members stay byte for byte.

    Raises ModelError for a file that is no model or a card that could not be read again, UserError when the
    place cannot be written.
    """
    read_card(path)
    text = card.to_text()
    ModelCard.from_text(text)
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        _copy_members(path, archive)
        archive.writestr(CARD, text)


def _copy_members(path: Path, target: zipfile.ZipFile) -> None:
    """All but the card. Raises ModelError if one is damaged, OSError."""
    try:
        with zipfile.ZipFile(path) as source:
            for entry in source.infolist():
                if entry.filename != CARD:
                    with source.open(entry) as old, target.open(copy(entry), "w") as new:
                        shutil.copyfileobj(old, new)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ModelError(f"{path.name} is damaged.", "Copy the model again.") from error
