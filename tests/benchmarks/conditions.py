"""Where and when a benchmark ran."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench import Options

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "pillow", "PySide6-Essentials")


def conditions(options: Options) -> str:
    """The machine, the versions, the day and the command, as a Markdown list."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES if _is_installed(name))
    data = "simulated radiographs" if options.is_demo else options.data.name
    command = " ".join(["python3 dev.py bench", *sys.argv[1:]])
    lines = (
        f"Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()}",
        f"Versions: Python {platform.python_version()}, {versions}",
        f"Date: {datetime.now(UTC):%Y-%m-%d}; data: {data}",
        f"Command: `{command}`",
    )
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _is_installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
