"""Without a command the window, on the files that are named; otherwise the command line."""

import sys
from pathlib import Path

from covid_desktop.alert import alert
from covid_desktop.errors import UserError
from covid_desktop.libraries import explained_imports
from covid_desktop.paths import is_there, prepare_environment
from covid_desktop.preflight import require_baseline
from covid_desktop.streams import open_missing_streams

COMMANDS = frozenset(
    {
        *("demo", "check", "train", "evaluate", "predict", "watch", "export", "verify"),
        *("self-test", "install", "uninstall"),
    }
)
"""The first words that make it a command line, whatever files are called so."""
_DEMO = "--demo"


def main() -> int:
    """Run the program as its arguments say; the exit status."""
    open_missing_streams()
    arguments = sys.argv[1:]
    try:
        require_baseline()
        prepare_environment()
        with explained_imports():
            return _run(arguments)
    except UserError as error:
        alert(error, dialog=_wants_window(arguments))
    except KeyboardInterrupt:
        pass  # Ctrl+C before there is a window or a command that hears it
    except Exception as error:  # noqa: BLE001 (the last place where it can be said what happened)
        from covid_desktop.log import log_fault

        alert(log_fault(error), dialog=_wants_window(arguments))
    return 1


def _run(arguments: list[str]) -> int:
    if _wants_window(arguments):
        return _open(_places(arguments), demo=_DEMO in arguments)
    from covid_desktop.cli import main as command_line

    return command_line(arguments)


def _wants_window(arguments: list[str]) -> bool:
    places = _places(arguments)
    return not places or not (places[0] in COMMANDS or places[0].startswith("-"))


def _places(arguments: list[str]) -> list[str]:
    return [argument for argument in arguments if argument != _DEMO]


def _open(places: list[str], demo: bool) -> int:
    missing = [place for place in places if not is_there(place)]
    if missing:
        what = f"There is neither a command nor a file or folder called {missing[0]}."
        from_desktop = Path(missing[0]).is_absolute()  # who types a command wrongly sees a terminal
        alert(UserError(what, "The commands are listed by covid-desktop --help."), dialog=from_desktop)
        return 2
    from covid_desktop.app import run

    return run([Path(place).absolute() for place in places], demo)


if __name__ == "__main__":
    sys.exit(main())
