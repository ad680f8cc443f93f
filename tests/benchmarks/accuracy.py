"""What the command line's own numbers are for each network, on validation images and on other patients."""

import json
import shlex
import subprocess
import sys
import tempfile
from typing import Any

from bench import Options, main, table

from covid_desktop.core.architectures import ARCHITECTURES

_METRICS = ("accuracy", "sensitivity", "specificity", "auroc")


def run(options: Options) -> str:
    if options.is_demo or options.external is None:
        return "Not run: it needs real images (`--data FOLDER --external FOLDER`)."
    rows, commands = [], []
    with tempfile.TemporaryDirectory() as folder:
        for architecture in ARCHITECTURES:
            train = ["train", str(options.data), "--out", f"{folder}/{architecture}.keras"]
            train += ["--architecture", architecture]
            if architecture == "reference-cnn":
                train += ["--epochs", str(options.reference_epochs)]
            judge = ["evaluate", f"{folder}/{architecture}.keras"]
            validation = [*judge, str(options.data), "--set", "validation"]
            external = [*judge, str(options.external), "--set", "all"]
            trained = _command(train)
            rows.append(_row(architecture, "validation", trained, _command(validation)))
            rows.append(_row(architecture, options.external.name, trained, _command(external)))
            commands += [train, validation, external]
    header = ("architecture", "images", "n", *_METRICS, "epochs", "best", "s")
    return f"{table(header, rows)}\n\n```\n{_listing(commands, options, folder)}\n```"


def _command(arguments: list[str]) -> dict[str, Any]:
    """What the command line answers."""
    command = [sys.executable, "-m", "covid_desktop", *arguments, "--json"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return dict(json.loads(answer))


def _row(architecture: str, images: str, trained: dict[str, Any], judged: dict[str, Any]) -> list[str]:
    metrics = ["-" if judged[name] is None else f"{judged[name]:.3f}" for name in _METRICS]
    run = [str(trained["epochs"]), str(trained["best_epoch"]), f"{trained['seconds']:.0f}"]
    return [architecture, images, str(judged["n"]), *metrics, *run]


def _listing(commands: list[list[str]], options: Options, folder: str) -> str:
    """The commands without the places on this machine."""
    lines = "\n".join(shlex.join(["covid-desktop", *command, "--json"]) for command in commands)
    for place in (options.data, options.external):
        if place:
            lines = lines.replace(str(place), place.name)
    return lines.replace(f"{folder}/", "")


if __name__ == "__main__":
    main(run)
