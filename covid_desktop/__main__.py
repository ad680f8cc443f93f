"""Without a command the window, otherwise the command line."""

import sys

from covid_desktop.paths import prepare_environment

_WINDOW_OPTIONS = {"--demo"}


def main() -> int:
    """Run the program as its arguments say; the exit status."""
    prepare_environment()
    arguments = sys.argv[1:]
    if set(arguments) <= _WINDOW_OPTIONS:
        from covid_desktop.app import run

        return run(demo="--demo" in arguments)
    from covid_desktop.cli import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
