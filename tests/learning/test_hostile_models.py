"""An attacker's model files are refused, each in its own words; none runs code, reads on or eats memory."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("hostile_packages.py")
MOST_SECONDS, MOST_MEGABYTES = 2, 300
_spec = importlib.util.spec_from_file_location("hostile_packages", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
packages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(packages)

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Of every package, all loaded by one process."""
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(SCRIPT), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_there_are_enough_of_them() -> None:
    assert len(packages.REFUSED) >= 50


@pytest.mark.parametrize("name", list(packages.REFUSED))
def test_it_is_refused_in_a_sentence_and_harms_nothing(name: str, results: Results) -> None:
    result = results[name]
    assert result["seen"] == []
    assert result["kind"] == "ModelError", result
    assert packages.REFUSED[name][0] in result["what"]
    assert result["what"].endswith(".")
    assert result["fix"].endswith(".")
    assert result["seconds"] < MOST_SECONDS
    assert result["megabytes"] < MOST_MEGABYTES


@pytest.mark.parametrize("name", list(packages.ACCEPTED))
def test_what_the_program_never_reads_may_say_anything(name: str, results: Results) -> None:
    result = results[name]
    assert (result["kind"], result["what"], result["seen"]) == ("", "", [])


def test_all_of_them_together_take_no_memory(results: Results) -> None:
    assert sum(result["megabytes"] for result in results.values()) < MOST_MEGABYTES


def test_the_watch_would_have_seen_it(results: Results) -> None:
    assert any(str(SCRIPT) in event for event in results["(self-test)"]["seen"])
