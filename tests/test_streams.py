"""The program without standard streams."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from covid_desktop.streams import open_missing_streams

# Closes the standard streams as `<&- >&- 2>&-` of a shell does, then becomes the program.
CLOSED = """
import os, sys
for number in range(3):
    os.close(number)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""

STREAMS = """
import os, sys
from covid_desktop.streams import open_missing_streams
assert sys.stdout is None
open_missing_streams()
print("Über")
print("Über", file=sys.stderr)
assert sys.stdin.read() == ""
with open(sys.argv[1], "w") as file:
    assert file.fileno() > 2
    os.system("echo noise; echo noise >&2")
    file.write("all is well")
"""

WINDOW = """
import sys
from PySide6.QtCore import QTimer
from covid_desktop.__main__ import main
from covid_desktop.gui.main_window import MainWindow
MainWindow.load_in_background = lambda window: window.close()
sys.argv = ["covid-desktop"]
sys.exit(main())
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell that can close the streams")


def run_closed(home: Path, *arguments: str) -> int:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", CLOSED, *arguments], env=environment, check=False, timeout=60
    ).returncode


def test_what_is_closed_becomes_the_null_device(tmp_path: Path) -> None:
    assert run_closed(tmp_path, "-c", STREAMS, str(tmp_path / "file")) == 0
    assert (tmp_path / "file").read_text() == "all is well"


def test_commands_need_no_streams(tmp_path: Path) -> None:
    for number in range(10):
        folder = tmp_path / "data" / ("COVID-19", "Healthy")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("L", (40, 40), number).save(folder / f"{number}.png")
    assert run_closed(tmp_path, "-m", "covid_desktop", "--version") == 0
    assert run_closed(tmp_path, "-m", "covid_desktop", "check", str(tmp_path / "data")) == 0
    assert run_closed(tmp_path, "-m", "covid_desktop", "check", str(tmp_path / "nowhere")) == 1


def test_the_window_needs_no_streams(tmp_path: Path) -> None:
    assert run_closed(tmp_path, "-c", WINDOW) == 0
    (log,) = (tmp_path / "log").iterdir()
    assert "ERROR" not in log.read_text(encoding="utf-8")


def test_streams_that_are_there_stay(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdin, sys.stdout, sys.stderr
    open_missing_streams()
    assert (sys.stdin, sys.stdout, sys.stderr) == before


def test_native_chatter_is_kept_back_and_all_else_comes_out() -> None:
    script = (
        "import os\n"
        "from covid_desktop.streams import without_native_chatter\n"
        "with without_native_chatter(rb'I0000 |WARNING: All log'):\n"
        "    os.write(2, b'I0000 hello\\nreal trouble\\nWARNING: All log messages\\n')\n"
        "os.write(2, b'I0000 after\\n')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=True)
    assert ended.stderr == b"real trouble\nI0000 after\n"


def test_what_was_written_before_an_error_comes_out() -> None:
    script = (
        "import os\n"
        "from covid_desktop.streams import without_native_chatter\n"
        "with without_native_chatter(rb'I0000 '):\n"
        "    os.write(2, b'before\\n')\n"
        "    raise SystemExit('the end')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=False)
    assert ended.stderr == b"before\nthe end\n"
