"""Layers that a fast start and a small core rest on, seen at run time."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
HEAVY = {"PySide6", "keras", "tensorflow", "matplotlib", "sklearn"}

EVERY_CORE_MODULE = """
import importlib, pkgutil
import covid_desktop.core
names = [module.name for module in pkgutil.iter_modules(covid_desktop.core.__path__)]
assert "scan" in names and "image" in names, names
for name in names:
    importlib.import_module(f"covid_desktop.core.{name}")
"""


def loaded_by(code: str) -> set[str]:
    """The heavy packages that ``code`` loads in a fresh interpreter."""
    ask = f"{code}\nimport sys\nprint(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        (EVERY_CORE_MODULE, {"sklearn"}),
        ("import covid_desktop.cli, covid_desktop.jobs, covid_desktop.__main__", set()),
        ("import covid_desktop.figures.training_curves", {"matplotlib"}),
        ("import covid_desktop.gui.main_window, covid_desktop.app", {"PySide6", "matplotlib"}),
    ],
    ids=["core", "command line", "figures", "window"],
)
def test_importing_loads_no_more_than_the_layer_needs(code: str, allowed: set[str]) -> None:
    assert loaded_by(code) <= allowed


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_by("import sys; sys.modules['keras'] = sys") == {"keras"}


@pytest.mark.parametrize("path", sorted(TESTS.glob("core/*.py")), ids=lambda path: path.name)
def test_tests_of_core_need_no_more_than_core(path: Path) -> None:
    assert not imported_by(path) & {"PySide6", "pytestqt", "keras", "tensorflow", "matplotlib"}


def imported_by(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | named}
