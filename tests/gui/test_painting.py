"""A painter ends with its block: a traceback that keeps the frame of a paintEvent keeps no painter."""

import ast
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from covid_desktop import gui
from covid_desktop.gui import rail
from covid_desktop.gui.rail import RailButton

SOURCES = sorted(Path(gui.__path__[0]).glob("*.py"))


def test_a_fault_while_painting_leaves_no_painter_behind(
    show: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt would warn of one that is active still, and crash where it ends in the middle of other painting."""
    button = show(RailButton(QAction("Data", None)))
    button.set_badge("2", "warning", 0.0)
    monkeypatch.setattr(rail, "_paint_dot", lambda *_: 1 / 0)
    with qtbot.captureExceptions() as caught:
        button.update()
        qtbot.waitUntil(lambda: bool(caught))
    assert {kind for kind, *_ in caught} == {ZeroDivisionError}
    monkeypatch.undo()
    button.repaint()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_painter_of_a_widget_ends_with_its_block(source: Path) -> None:
    nodes = list(ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    blocks = [item.context_expr for node in nodes if isinstance(node, ast.With) for item in node.items]
    made = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "QPainter"]
    assert [ast.unparse(one) for one in made if one.args and one not in blocks] == []
