"""Runs benchmarks, each in a process of its own, and prints Markdown for docs/results.md."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import parse, show
from conditions import conditions

from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.paths import HOME_VARIABLE

HERE = Path(__file__).parent


def main() -> int:
    """The number of benchmarks that failed."""
    with tempfile.TemporaryDirectory(prefix="covid-desktop-bench-", ignore_cleanup_errors=True) as home:
        os.environ[HOME_VARIABLE] = home
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
        options = parse(sys.argv[1:])
        show(conditions(options))
        if options.is_demo:
            write_demo_dataset(options.data)
        scripts = [HERE / f"{name}.py" for name in options.names]
        return sum(subprocess.call([sys.executable, script, *sys.argv[1:]]) != 0 for script in scripts)


if __name__ == "__main__":
    sys.exit(main())
