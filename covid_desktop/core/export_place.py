"""Where an exported model is put, with its readme and its card: all of it or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from covid_desktop.core.atomic import all_written_whole, flush
from covid_desktop.core.export import FORMATS, ExportKind, shared_card
from covid_desktop.core.export_readme import readme
from covid_desktop.core.model_card import ModelCard
from covid_desktop.errors import UserError

README, CARD = "README.txt", "card.json"
_PARTS = {README, CARD, "saved_model.pb", "fingerprint.pb", "variables", "assets"}
"""All that is in a SavedModel of this program."""


def beside(path: Path) -> tuple[Path, Path]:
    """The readme and the card of an exported file."""
    return path.with_name(f"{path.name}.readme.txt"), path.with_name(f"{path.name}.{CARD}")


@contextmanager
def export_place(path: Path, kind: ExportKind, card: ModelCard) -> Iterator[Path]:
    """Yield where to write the model; when the block ends well it is at ``path``, readme and card beside it.

    In a folder they are inside. Raises UserError where the place cannot be written, or is a folder that
    holds something else.
    """
    if FORMATS[kind].ending:
        for_readme, for_card = beside(path)
        with all_written_whole(path, for_card, for_readme) as (model, card_file, readme_file):
            yield model
            _write(readme_file, readme(card, kind, path.name, for_card.name))
            _write(card_file, shared_card(card).to_text())
        return
    with _folder_written_whole(path) as folder:
        yield folder
        _write(folder / README, readme(card, kind, path.name, CARD))
        _write(folder / CARD, shared_card(card).to_text())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


@contextmanager
def _folder_written_whole(path: Path) -> Iterator[Path]:
    """Yield a new folder that takes the place of ``path`` when the block ends well."""
    holder, is_lost = None, False
    try:
        _refuse_others(path)
        holder = Path(mkdtemp(dir=path.parent, prefix=f".{path.name[:32]}-"))
        new, old = holder / "new", holder / "old"
        new.mkdir()
        yield new
        for file in new.rglob("*"):
            if file.is_file():
                flush(file)
        _refuse_others(path)
        with suppress(FileNotFoundError):
            path.rename(old)
        is_lost = old.exists()
        try:
            new.rename(path)
        except OSError:
            if is_lost:
                old.rename(path)
            is_lost = False
            raise
        is_lost = False
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = f"What was there before is in {old}." if is_lost else "Choose another place or free some space."
        raise UserError(f"{path.name} could not be written: {reason}.", fix) from error
    finally:
        if holder and not is_lost:
            shutil.rmtree(holder, ignore_errors=True)


def _refuse_others(path: Path) -> None:
    """Only what this program exported may be replaced. Raises UserError, OSError."""
    if path.is_dir():
        names = {entry.name for entry in path.iterdir()}
        if not names or (names <= _PARTS and CARD in names):
            return
        raise UserError(f"The folder {path.name} holds other files.", "Choose a name that is not in use.")
    if path.exists():
        raise UserError(f"{path.name} is a file, not a folder.", "Choose a name that is not in use.")
