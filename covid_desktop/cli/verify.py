"""The command ``verify``."""

from dataclasses import asdict
from typing import Any

from covid_desktop import jobs
from covid_desktop.cli.options import Arguments, add_command, add_json, add_model, print_json
from covid_desktop.core.events import Event
from covid_desktop.core.verification import Check, Verification
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    text = "Find out whether a model gives the same scores here in every way and export. It takes a minute."
    command = add_command(commands, "verify", _verify, text)
    add_model(command)
    add_json(command)


def _verify(options: Arguments) -> int:
    from covid_desktop.verifying import verify_model

    with ProgressLine() as progress:

        def on_event(event: Check | Event) -> None:
            if not isinstance(event, Check):
                progress(event)
            elif not options.json:
                progress.clear()
                print(_line(event), flush=True)

        model = jobs.load_model(options.model, emit=progress)
        found = verify_model(model, emit=on_event)
    if options.json:
        print_json({"model": str(options.model)} | _json(found))
    else:
        print(*filter(None, (found.sentence, found.caution)), sep="\n")
    return 0 if found.passed else 1


def _line(check: Check) -> str:
    return f"{check.name}: {'same' if check.passed else 'NOT THE SAME'}. {check.words}"


def _json(found: Verification) -> dict[str, Any]:
    return {
        "passed": found.passed,
        "sentence": found.sentence,
        "caution": found.caution,
        "checks": [asdict(check) | {"passed": check.passed} for check in found.checks],
        "scores": list(found.scores),
    }
