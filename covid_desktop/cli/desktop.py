"""The commands ``install`` and ``uninstall``."""

from typing import Any

from covid_desktop import desktop_entry, paths
from covid_desktop.cli.options import Arguments, add_command


def add(commands: Any) -> None:
    text = "Put the program into your own desktop (Linux): menu entry, icon, model files."
    add_command(commands, "install", _install, text)
    text = "Take the program out of your own desktop (Linux). Models, settings and runs stay."
    add_command(commands, "uninstall", _uninstall, text)


def _install(options: Arguments) -> None:  # noqa: ARG001
    for sentence in desktop_entry.install():
        print(sentence)


def _uninstall(options: Arguments) -> None:  # noqa: ARG001
    for sentence in desktop_entry.uninstall():
        print(sentence)
    print(f"Models, settings and runs stay in {paths.data_folder()} and {paths.settings_file().parent}")
