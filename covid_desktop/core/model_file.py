"""A model's file: its card, its weights and what it remembers, read without the network and without trust.

What holds after ``read_model``: the archive is plain, every field of the card is of its type and range, and
the weights are, byte for byte, those that the card was written for. That keeps damage out, and code: nothing
in the file is ever run. It does not keep lies out: who rewrites weights and card together can make a model
that calls images wrongly. Only where a model comes from can tell that.
"""

import hashlib
import logging
import shutil
import zipfile
import zlib
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from covid_desktop.core import familiarity_file
from covid_desktop.core.atomic import written_whole
from covid_desktop.core.card_schema import require_usable
from covid_desktop.core.familiarity import Familiarity
from covid_desktop.core.model_archive import CARD, MAX_WEIGHTS_BYTES, WEIGHTS, open_archive, read_member
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.network_size import weight_bytes
from covid_desktop.errors import ModelError

__all__ = ["CARD", "MAX_WEIGHTS_BYTES", "WEIGHTS", "ModelContents", "read_card", "read_model", "rewrite_card"]

_OVERHEAD = 2**22  # what an HDF5 file may have beside its arrays
_COPY = "Copy the model again."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContents:
    """``weights`` is an HDF5 file that nobody has opened yet."""

    card: ModelCard
    weights: bytes
    familiarity: Familiarity | None


def read_card(path: Path) -> ModelCard:
    """The card in a model file. Raises ModelError with what to do."""
    with open_archive(path) as archive:
        return ModelCard.from_text(read_member(archive, CARD))


def read_model(path: Path) -> ModelContents:
    """All that is used of a model file, compared with its card. Raises ModelError with what to do."""
    with open_archive(path) as archive:
        card = ModelCard.from_text(read_member(archive, CARD))
        require_usable(card)
        weights = _read_weights(archive, card, path.name)
        return ModelContents(
            card=card, weights=weights, familiarity=_read_familiarity(archive, card, path.name)
        )


def weights_hash(path: Path) -> str:
    """SHA-256 of the weights in a model file that has no card yet. Raises zipfile's errors, OSError."""
    with zipfile.ZipFile(path) as archive, archive.open(WEIGHTS) as weights:
        return hashlib.file_digest(weights, "sha256").hexdigest()  # type: ignore[arg-type]


def rewrite_card(path: Path, card: ModelCard) -> None:
    """Put another card into a model file, whole or not at all; its other members stay byte for byte.

    What the old card says of the weights stays. Raises ModelError for a file that is no model or a card that
    could not be read again, UserError when the place cannot be written.
    """
    old = read_card(path)
    text = replace(card, weights_sha256=old.weights_sha256, golden=old.golden).to_text()
    ModelCard.from_text(text)
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        _copy_members(path, archive)
        archive.writestr(CARD, text)


def _read_weights(archive: zipfile.ZipFile, card: ModelCard, name: str) -> bytes:
    if WEIGHTS not in archive.namelist():
        raise ModelError(f"{name} has a card and no weights.", _COPY)
    expected = weight_bytes(card.architecture, card.preprocessing)
    if not expected <= archive.getinfo(WEIGHTS).file_size <= expected + _OVERHEAD:
        raise ModelError(f"The weights in {name} are not of the size of the network in its card.", _COPY)
    weights = read_member(archive, WEIGHTS)
    if not card.weights_sha256:
        log.info("The model's card has no hash of its weights: it is of an older version of the program.")
    elif hashlib.sha256(weights).hexdigest() != card.weights_sha256:
        raise ModelError(f"The weights in {name} are not those that its card was written for.", _COPY)
    return weights


def _read_familiarity(archive: zipfile.ZipFile, card: ModelCard, name: str) -> Familiarity | None:
    try:
        return familiarity_file.read_described(archive, card.familiarity)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise ModelError(
            f"What {name} remembers of its training images is damaged or does not fit its card.",
            _COPY,
            repr(error),
        ) from error


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
