"""Files and folders open in the desktop's own programs, and the licences by a click."""

import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop import paths
from covid_desktop.gui import help_pages, outside
from covid_desktop.gui.outside import open_outside


class Desktop:
    """What was opened, and how; ``has_tool`` is whether xdg-open is there."""

    def __init__(self) -> None:
        self.has_tool = True
        self.commands: list[list[Any]] = []
        self.urls: list[QUrl] = []

    def start_tool(self, command: list[Any]) -> bool:
        self.commands.append(command)
        return self.has_tool


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    one = Desktop()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(outside, "start_tool", one.start_tool)
    monkeypatch.setattr(QDesktopServices, "openUrl", one.urls.append)
    return one


def test_from_source_qt_opens_it(desktop: Desktop, tmp_path: Path) -> None:
    open_outside(tmp_path)
    assert (desktop.commands, desktop.urls) == ([], [QUrl.fromLocalFile(str(tmp_path))])


@pytest.mark.parametrize("has_tool", [True, False])
def test_in_a_bundle_a_tool_opens_it_without_the_bundles_libraries(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_tool: bool
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    desktop.has_tool = has_tool
    open_outside(tmp_path)
    assert desktop.commands == [["xdg-open", tmp_path]]
    assert len(desktop.urls) == (0 if has_tool else 1)


def test_about_leads_to_the_licences_where_they_are_shipped(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    texts = tmp_path / "THIRD PARTY.md"
    real = paths.resource
    monkeypatch.setattr(paths, "resource", lambda name: texts if name == "THIRD_PARTY.md" else real(name))
    assert "all that is inside" not in help_pages.about_text()
    texts.touch()
    assert texts.as_uri() in help_pages.about_text()
    parent = QWidget()
    qtbot.addWidget(parent)
    page = help_pages.show_about(parent).findChild(QTextBrowser)
    page.anchorClicked.emit(QUrl(texts.as_uri()))
    assert desktop.urls == [QUrl.fromLocalFile(str(texts))]
