"""What dev.py decides, without a network, pip or apt."""

import ast
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Calls = list[tuple[list[str], dict[str, str]]]
SCRIPT = Path(__file__).parents[1] / "dev.py"


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py, in a checkout of its own whose .venv looks complete."""
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.lock", "pyproject.toml", ".venv/python"):
        (tmp_path / name).write_text("one")
    places = {"ROOT": tmp_path, "VENV": tmp_path / ".venv"}
    places |= {"PYTHON": tmp_path / ".venv/python", "STAMP": tmp_path / ".venv/stamp"}
    for name, place in places.items():
        monkeypatch.setattr(module, name, place)
    return module


@pytest.fixture
def calls(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The commands dev.py would have run; each of them succeeds."""
    made: Calls = []

    def call(command: list[object], **environment: str) -> int:
        made.append(([str(part) for part in command], environment))
        return 0

    monkeypatch.setattr(dev, "call", call)
    return made


def set_up(dev: ModuleType) -> None:
    dev.STAMP.write_text(dev.fingerprint())


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("version", [(3, 9, 6), (3, 14, 0)])
def test_another_python_is_refused_in_one_sentence(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(dev.sys, "version_info", version)
    with pytest.raises(SystemExit, match=rf"needs Python 3\.11 to 3\.13; this is 3\.{version[1]}\.$"):
        dev.main(["setup"])


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["fly"], 2), (["--help"], 0)])
def test_help_names_every_command(
    dev: ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert dev.main(arguments) == code
    help_text = capsys.readouterr().out
    assert all(f"  {name} " in help_text for name in dev.COMMANDS)


def test_set_up_is_current_until_what_it_depends_on_changes(dev: ModuleType) -> None:
    assert not dev.is_current()
    set_up(dev)
    assert dev.is_current()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_makes_set_up_stale(dev: ModuleType, name: str) -> None:
    set_up(dev)
    (dev.ROOT / name).write_text("two")
    assert not dev.is_current()


def test_a_moved_checkout_makes_set_up_stale(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(dev)
    monkeypatch.setattr(dev, "VENV", dev.ROOT / "elsewhere" / ".venv")
    assert not dev.is_current()


def test_a_python_that_is_gone_makes_set_up_stale(dev: ModuleType) -> None:
    set_up(dev)
    dev.PYTHON.unlink()
    assert not dev.is_current()


def test_set_up_installs_the_lock_then_the_project_and_only_once(
    dev: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "missing_for_qt", dict)
    dev.main(["setup"])
    installs = [command[-3:] for command, _ in calls if "install" in command]
    assert installs == [
        ["--no-deps", "--requirement", "requirements.lock"],
        ["--no-build-isolation", "--editable", "."],
    ]
    calls.clear()
    dev.main(["setup"])
    assert calls == []


def test_a_failed_installation_is_not_taken_for_set_up(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "call", lambda command: int("install" in command))
    with pytest.raises(SystemExit, match=r"Failed: .*requirements\.lock"):
        dev.main(["setup"])
    assert not dev.is_current()


@pytest.mark.parametrize(
    ("arguments", "command", "environment"),
    [
        (["test", "-k", "split"], ["-m", "pytest", "-k", "split"], {"QT_QPA_PLATFORM": "offscreen"}),
        (["test"], ["-m", "pytest", "-n", "2", "--dist", "loadfile"], {"QT_QPA_PLATFORM": "offscreen"}),
        (["bench", "--quick"], ["tests/benchmarks/run.py", "--quick"], {}),
    ],
)
def test_commands_run_in_the_venv(
    dev: ModuleType,
    calls: Calls,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    command: list[str],
    environment: dict[str, str],
) -> None:
    set_up(dev)
    monkeypatch.setattr(dev, "missing_for_tests", dict)
    assert dev.main(arguments) == 0
    assert calls == [([str(dev.PYTHON), *command], environment)]


def test_the_bundle_is_built_alike_each_time_with_its_tools_at_hand(
    dev: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    provided: list[dict[str, str]] = []
    monkeypatch.setattr(dev, "provide", provided.append)
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev.sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(dev.shutil, "which", lambda tool: None if tool == "strip" else f"/usr/bin/{tool}")
    variables = {"LIBDIR": str(tmp_path), "INSTSONAME": "libpython3.12.so.1.0"}
    monkeypatch.setattr(dev.sysconfig, "get_config_var", variables.get)
    set_up(dev)
    assert dev.main(["bundle"]) == 0
    (tmp_path / "libpython3.12.so.1.0").touch()
    assert dev.main(["bundle"]) == 0
    assert provided == [
        {"strip": "binutils", "libpython3.12.so.1.0": "libpython3.12"},
        {"strip": "binutils"},
    ]
    (first, second) = calls
    assert first == second
    assert first[0][:4] == [str(dev.PYTHON), "-m", "PyInstaller", "build.spec"]
    assert first[1] == {"PYTHONHASHSEED": "0"}


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_tests_get_the_tools_that_check_dicom_files(
    dev: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    provided: list[dict[str, str]] = []
    monkeypatch.setattr(dev, "provide", provided.append)
    monkeypatch.setattr(dev.sys, "platform", platform)
    monkeypatch.setattr(dev.shutil, "which", lambda tool: None if tool == "dsrdump" else f"/usr/bin/{tool}")
    set_up(dev)
    assert dev.main(["test"]) == 0
    assert provided == ([{"dsrdump": "dcmtk"}] if platform == "linux" else [])
    assert [command[1:3] for command, _ in calls] == [["-m", "pytest"]]


@pytest.mark.parametrize(("display", "demo"), [(True, "--demo"), (False, "demo")])
def test_run_opens_the_window_where_there_is_a_display(
    dev: ModuleType,
    calls: Calls,
    monkeypatch: pytest.MonkeyPatch,
    display: bool,
    demo: str,
) -> None:
    set_up(dev)
    monkeypatch.setattr(dev, "has_display", lambda: display)
    dev.main(["run"])
    assert calls == [([str(dev.PYTHON), "-m", "covid_desktop", demo], {})]


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_has_display(dev: ModuleType, platform: str, environment: dict[str, str], expected: bool) -> None:
    assert dev.has_display(platform, environment) is expected


def test_lint_fails_when_one_check_fails_and_runs_the_others(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(dev)
    checked: list[str] = []

    def call(command: list[object]) -> int:
        checked.append(str(command[2]))
        return int("ruff" in command)

    monkeypatch.setattr(dev, "call", call)
    assert dev.main(["lint"]) == 1
    assert checked[:3] == ["ruff", "ruff", "mypy"]
    assert "importlinter" in checked[3]


def test_has_font(dev: ModuleType, tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    assert not dev.has_font([str(fonts)])
    (fonts / "dejavu").mkdir(parents=True)
    (fonts / "dejavu" / "DejaVuSans.ttf").touch()
    assert dev.has_font([str(fonts)])


def test_missing_packages_are_installed_where_that_is_allowed(
    dev: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda program: program)
    monkeypatch.setattr(dev, "is_root", lambda: True)
    dev.provide({"libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0", "a": "liba1"})
    update, install = (command for command, _ in calls)
    assert update == ["apt-get", "update", "-qq"]
    assert [part for part in install if part.startswith("lib")] == ["liba1", "libglib2.0-0"]


def test_sudo_is_used_only_where_it_asks_no_password(
    dev: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda program: program)
    monkeypatch.setattr(dev, "is_root", lambda: False)
    dev.provide({"libEGL.so.1": "libegl1"})
    assert [command[:2] for command, _ in calls] == [["sudo", "-n"]] * 3


def test_without_rights_the_exact_line_is_said(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda program: program if program == "apt-get" else None)
    monkeypatch.setattr(dev, "is_root", lambda: False)
    with pytest.raises(SystemExit) as stopped:
        dev.provide({"libEGL.so.1": "libegl1", "a font": "fonts-dejavu-core"})
    sentence, line = str(stopped.value).splitlines()
    assert sentence.startswith("This system lacks libEGL.so.1, a font.")
    assert line == "  sudo apt-get install -y --no-install-recommends fonts-dejavu-core libegl1"


def test_without_apt_the_missing_libraries_are_named(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda program: None)
    with pytest.raises(SystemExit, match=r"^This system lacks libEGL\.so\.1\. Install"):
        dev.provide({"libEGL.so.1": "libegl1"})


def test_nothing_missing_is_nothing_done(dev: ModuleType, calls: Calls) -> None:
    dev.provide({})
    assert calls == []


def audited(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, report: str | None) -> int:
    """What ``audit`` returns where pip-audit is there and says ``report``."""
    set_up(dev)

    def answer(command: list[object], codes: tuple[int, ...] = (0,)) -> str | None:
        return report if "pip_audit" in command else ""

    monkeypatch.setattr(dev, "call_quietly", answer)
    return dev.main(["audit"])


def report_of(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    "report",
    [
        None,
        "",
        "[]",
        '{"dependencies": 3}',
        report_of({"name": "keras", "skip_reason": "Dependency not found"}),
    ],
)
def test_an_audit_without_an_index_says_so_and_does_not_fail(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], report: str | None
) -> None:
    assert audited(dev, monkeypatch, report) == 0
    assert "Nothing was audited: no index of advisories" in capsys.readouterr().out


def test_an_audit_names_what_is_vulnerable(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flaw = {"id": "X-1", "fix_versions": ["3.1"], "aliases": [], "description": ""}
    clean, bad = (
        {"name": name, "version": "3", "vulns": flaws} for name, flaws in (("a", []), ("b", [flaw]))
    )
    assert audited(dev, monkeypatch, report_of(clean, {"name": "c", "skip_reason": ""})) == 0
    assert "1 of 2 packages were audited; 0 have known" in capsys.readouterr().out
    assert audited(dev, monkeypatch, report_of(clean, bad)) == 1
    assert "b 3: X-1, mended in 3.1" in capsys.readouterr().out


def test_an_audit_without_its_tool_says_so_and_does_not_fail(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(dev)
    monkeypatch.setattr(dev, "call_quietly", lambda command, codes=(0,): None)
    assert dev.main(["audit"]) == 0
    assert "could not be installed" in capsys.readouterr().out
