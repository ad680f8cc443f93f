"""Programs of the system are started as the user would start them, not with the bundle's libraries."""

import os
import sys
from pathlib import Path

import pytest

from covid_desktop.external import run_tool, start_tool, system_environment

BUNDLE = {
    "LD_LIBRARY_PATH": "/bundle",
    "QT_PLUGIN_PATH": "/bundle/plugins",
    "QML2_IMPORT_PATH": "/bundle/qml",
}


@pytest.fixture(autouse=True)
def bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    for name, value in BUNDLE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("original", [None, "", "/opt/lib:/usr/local/lib"])
def test_the_search_path_of_the_user_comes_back(
    monkeypatch: pytest.MonkeyPatch, original: str | None
) -> None:
    if original is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", original)
    environment = system_environment()
    assert environment.get("LD_LIBRARY_PATH") == original
    assert not {"LD_LIBRARY_PATH_ORIG", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH"} & set(environment)
    assert environment["PATH"] == os.environ["PATH"]
    assert os.environ["LD_LIBRARY_PATH"] == "/bundle"


def test_without_a_bundle_the_environment_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "frozen")
    assert system_environment() == dict(os.environ)


def test_a_tool_gets_the_clean_environment(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    code = f"import os; open({str(file)!r}, 'w').write(os.environ.get('LD_LIBRARY_PATH', 'none'))"
    assert run_tool([sys.executable, "-c", code])
    assert file.read_text() == "none"


def test_a_tool_that_fails_or_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert not run_tool([sys.executable, "-c", "print('out'); raise SystemExit('failed')"])
    assert not run_tool([tmp_path / "no-such-tool"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:subprocess .* is still running")  # as it is meant to be
def test_a_started_tool_goes_on_by_itself_in_the_clean_environment(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = f"import os; open({str(pipe)!r}, 'w').write(os.environ.get('LD_LIBRARY_PATH', 'none'))"
    assert start_tool([sys.executable, "-c", code])
    assert pipe.read_text() == "none"
    assert not start_tool([tmp_path / "no-such-tool"])
