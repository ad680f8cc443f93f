"""The command ``check``."""

from typing import Any

from covid_desktop import curation, jobs
from covid_desktop.check_report import check_json, check_lines
from covid_desktop.cli.data import add_data, opened_data
from covid_desktop.cli.options import Arguments, add_command, add_json, print_json
from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    text = "Read every image of a folder and say what is wrong with the data. No image is changed."
    command = add_command(commands, "check", _check, text)
    add_data(command)
    command.add_argument(
        "--audit", action="store_true", help="also find out whether the lungs are needed to tell the classes"
    )
    command.add_argument(
        "--set-test-aside", action="store_true", help="lock a fifth of the images until evaluate uses them"
    )
    add_json(command)


def _check(options: Arguments) -> None:
    with ProgressLine() as progress:
        opened = opened_data(options, progress)
        checked = curation.check(opened, emit=progress)
        if options.set_test_aside and not checked.opened.split.test:
            checked = curation.check(curation.set_test_aside(checked.opened), emit=progress)
        audit, problem = _audited(checked.opened, progress) if options.audit else (None, None)
    if options.json:
        print_json(check_json(checked, audit))
    else:
        for line in check_lines(checked, audit):
            print(line)
    if problem:
        raise problem


def _audited(opened: OpenedDataset, progress: ProgressLine) -> tuple[ShortcutAudit | None, UserError | None]:
    """What could not be audited can be checked all the same: the reason comes after the findings."""
    try:
        return jobs.audit(opened, emit=progress), None
    except UserError as error:
        return None, error
