"""A lock that ends with its process."""

import subprocess
import sys
from pathlib import Path

from covid_desktop.core.file_lock import hold, is_held

HOLD = """
import sys
from pathlib import Path
from covid_desktop.core.file_lock import hold
held = hold(Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
sys.stdin.read()
"""


def test_one_at_a_time_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    assert not path.exists()
    first = hold(path)
    assert first
    assert is_held(path)
    assert hold(path) is None
    first.close()
    assert not is_held(path)
    second = hold(path)
    assert second
    second.close()


def test_it_is_free_again_when_its_process_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert is_held(path)
        other.kill()
        other.wait()
    assert not is_held(path)


def test_a_place_that_cannot_be_opened_is_held_by_nobody(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    assert not is_held(tmp_path / "missing" / "lock")
