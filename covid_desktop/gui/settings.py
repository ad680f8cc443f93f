"""What the window remembers between starts."""

import logging
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

_RECENT = 8
log = logging.getLogger(__name__)


class Settings:
    """Geometry, current tab, colour scheme, recent folders and models, in one INI file."""

    def __init__(self, file: Path) -> None:
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        return str(self._store.value(key, default))

    def set_text(self, key: str, value: str) -> None:
        self._store.setValue(key, value)

    def state(self, key: str) -> QByteArray:
        """A widget's saved state; empty where there is none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_state(self, key: str, value: QByteArray) -> None:
        self._store.setValue(key, value)

    def recent(self, kind: str) -> list[Path]:
        """The latest paths of a kind ("folders", "models") that still exist, the newest first."""
        value = self._store.value(f"recent/{kind}", [])
        listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(path) for path in listed if path and Path(path).exists()]

    def add_recent(self, kind: str, path: Path) -> None:
        others = [known for known in self.recent(kind) if known != path]
        self._store.setValue(f"recent/{kind}", [str(path) for path in [path, *others][:_RECENT]])

    @property
    def last_folder(self) -> str:
        """Where a question for a folder begins."""
        return next(map(str, self.recent("folders")), str(Path.home()))

    def save(self) -> None:
        """Write them down; the file stays as it was where that fails, and the log says so."""
        self._store.sync()
        if self._store.status() != QSettings.Status.NoError:
            log.warning("The settings cannot be written: %s", self._store.status().name)
