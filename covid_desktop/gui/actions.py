"""The menus, as a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from covid_desktop.gui.menu import Menu

Shortcut = QKeySequence.StandardKey | str | None
SEPARATOR = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry: ``name`` is its key, its objectName (``action_<name>``) and the slot it calls."""

    name: str
    text: str
    shortcut: Shortcut = None


@dataclass(frozen=True, slots=True)
class Submenu:
    """A menu that the window fills when it is about to be shown."""

    name: str
    text: str


MENUS: dict[str, tuple[Entry | Submenu | None, ...]] = {
    "&File": (
        Entry("choose_folder", "&Open folder…", QKeySequence.StandardKey.Open),
        Submenu("recent_folders", "Open &recent folder"),
        SEPARATOR,
        Entry("choose_images", "Score &images…", "Ctrl+I"),
        Entry("choose_model", "&Load model…", "Ctrl+L"),
        Submenu("recent_models", "Load recent &model"),
        SEPARATOR,
        Entry("save_model", "&Save model as…", QKeySequence.StandardKey.Save),
        Entry("export_csv", "&Export results as CSV…", "Ctrl+E"),
        Entry("open_worklist", "Open saved res&ults…"),
        SEPARATOR,
        Entry("quit", "&Quit", QKeySequence.StandardKey.Quit),
    ),
    "&Data": (
        Entry("undo", "&Undo", QKeySequence.StandardKey.Undo),
        Entry("redo", "&Redo", QKeySequence.StandardKey.Redo),
        SEPARATOR,
        Entry("check_data", "&Check data", "Ctrl+K"),
        Entry("run_audit", "Run shortcut &audit"),
        SEPARATOR,
        Entry("choose_patients", "&Patients…"),
        Entry("set_test_aside", "Set a &test set aside"),
    ),
    "&Train": (
        Entry("start_training", "&Start", "Ctrl+Return"),
        Entry("cross_validate", "&Cross-validate in five folds"),
        Entry("pause_training", "&Pause or resume\tSpace"),
        Entry("stop_training", "S&top and keep best", "Ctrl+."),
    ),
    "&Evaluate": (
        Entry("evaluate", "&Evaluate"),
        Entry("evaluate_folder", "Evaluate &another folder…"),
        Entry("cancel_evaluation", "&Cancel"),
        SEPARATOR,
        Entry("save_threshold", "&Save threshold with the model"),
        Entry("show_model_card", "Show model ca&rd"),
        SEPARATOR,
        Entry("save_report", "Save re&port as PDF…"),
        Entry("save_report_html", "Save report as &HTML…"),
        Entry("save_model_card", "Save &model card and CLAIM draft…"),
        Entry("clear_evaluations", "C&lear"),
    ),
    "&Predict": (
        Submenu("marks", "&Go and mark"),
        Entry("keep_reviewer", "Keep my &name and the time with marks"),
        Entry("score_refused", "Score refused images &anyway"),
        SEPARATOR,
        Entry("watch_folder", "&Watch a folder…"),
        Entry("stop_watching", "S&top watching"),
        SEPARATOR,
        Entry("report_image", "Save report of this &image…"),
        Entry("report_worklist", "Save report of the &list…"),
        Entry("nameless_reports", "Leave &file names out of reports"),
        Entry("save_dicom", "Write results as &DICOM…"),
        SEPARATOR,
        Entry("keep_prediction_log", "&Keep a log of predictions"),
        Entry("check_prediction_log", "&Check the log"),
    ),
    "&Model": (
        Entry("verify_model", "&Verify model…"),
        SEPARATOR,
        Entry("export_saved_model", "Export as TensorFlow &SavedModel…"),
        Entry("export_litert", "Export as &LiteRT…"),
        Entry("export_onnx", "Export as &ONNX…"),
    ),
    "&View": (Submenu("tabs", "&Tab"), Submenu("appearance", "&Appearance")),
    "&Help": (
        Entry("first_steps", "&First steps", QKeySequence.StandardKey.HelpContents),
        Entry("try_demo", "Try the &demo"),
        Entry("open_log_folder", "Open &log folder"),
        SEPARATOR,
        Entry("about", "&About"),
    ),
}


def build_menus(window: QMainWindow, menus: Iterable[Menu]) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Fill the window's menu bar with what calls the slots of ``menus``; actions and submenus by name."""
    slots = {name: getattr(menu, name) for menu in menus for name in menu.names}
    actions: dict[str, QAction] = {}
    submenus: dict[str, QMenu] = {}
    for title, entries in MENUS.items():
        menu = window.menuBar().addMenu(title)
        for entry in entries:
            if isinstance(entry, Entry):
                actions[entry.name] = _action(window, menu, entry, slots[entry.name])
            elif isinstance(entry, Submenu):
                submenus[entry.name] = menu.addMenu(entry.text)
                submenus[entry.name].setObjectName(f"menu_{entry.name}")
            else:
                menu.addSeparator()
    return actions, submenus


def _action(window: QMainWindow, menu: QMenu, entry: Entry, slot: Any) -> QAction:
    action = QAction(entry.text, window)
    action.setObjectName(f"action_{entry.name}")
    if entry.shortcut is not None:
        action.setShortcut(QKeySequence(entry.shortcut))
    action.triggered.connect(slot)
    if entry.name == "quit":
        action.setMenuRole(QAction.MenuRole.QuitRole)
    if entry.name == "about":
        action.setMenuRole(QAction.MenuRole.AboutRole)
    menu.addAction(action)
    return action
