"""One finding: what it is, why it matters, what can be done, and the files it concerns."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from covid_desktop.core.findings import Finding, Remedy
from covid_desktop.gui.image_view import ImageView
from covid_desktop.gui.severity import SEVERITY_MARKS
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import IconLabel, label, push_button

_FOR_ALL: dict[Remedy, str] = {
    "keep-one": "Keep one of each",
    "same-set": "Move to the same set",
    "relabel": "Change the class of the selected",
    "exclude": "Exclude all",
}
_FOR_SELECTED: dict[Remedy, str] = {
    "exclude": "Exclude the selected",
    "keep-one": "Keep the selected",
    "same-set": "Move the selected groups",
    "relabel": "Change the class of the selected",
}
_TOOLTIPS: dict[Remedy, str] = {
    "exclude": "The files stay where they are; they are not used",
    "keep-one": "Of each group the first selected image is kept, or the first; the others are excluded",
    "same-set": "Each group goes to the set that most of it is in",
    "relabel": "Select the images of the wrong class first: they count as the other class, in their folder",
}
_NEEDS_SELECTION: tuple[Remedy, ...] = ("relabel",)  # for all, it would only swap the two classes


class FindingView(QWidget):
    """``remedy_chosen`` carries a finding, all of it or what was selected, and a remedy for it."""

    remedy_chosen = Signal(object, str)
    image_opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self._mark = IconLabel("info", "muted", 24)
        self._title = label("", "subtitle", wrap=True)
        self._why = label("", wrap=True)
        self._fix = label("", "muted", wrap=True)
        self.images = ImageView("finding_images")
        self.images.selected.connect(self._on_images_selected)
        self.images.opened.connect(self.image_opened)
        self._buttons = {remedy: self._button(remedy) for remedy in _FOR_ALL}
        self._lay_out()

    def show_finding(self, finding: Finding) -> None:
        self._finding = finding
        self._mark.set_icon(*SEVERITY_MARKS[finding.severity])
        self._title.setText(finding.title)
        self._why.setText(finding.why)
        self._fix.setText(finding.fix)
        is_grouped = any(len(group) > 1 for group in finding.groups)
        numbers = [number for number, group in enumerate(finding.groups, 1) for _ in group]
        self.images.show_images(finding.paths, numbers if is_grouped else (), finding.notes)
        self.images.setVisible(bool(finding.paths))
        self._spring.setVisible(not finding.paths)
        self._on_images_selected(self.images.grid.selected_paths())
        self._show_buttons(finding.remedies)

    def _show_buttons(self, remedies: Collection[Remedy]) -> None:
        """Those that go first: all of them beside each other would widen the window."""
        for remedy, button in sorted(self._buttons.items(), key=lambda pair: pair[0] in remedies):
            button.setVisible(remedy in remedies)

    @Slot(list)
    def _on_images_selected(self, paths: list[Path]) -> None:
        for remedy, button in self._buttons.items():
            button.setText((_FOR_SELECTED if paths else _FOR_ALL)[remedy])
            button.setEnabled(bool(paths) or remedy not in _NEEDS_SELECTION)

    @Slot()
    def _on_remedy_clicked(self) -> None:
        remedy: Remedy = self.sender().property("remedy")
        if self._finding:
            selected = self.images.grid.selected_paths()
            self.remedy_chosen.emit(narrowed(self._finding, remedy, selected), remedy)

    def _button(self, remedy: Remedy) -> QPushButton:
        made = push_button(_FOR_ALL[remedy], remedy.replace("-", "_"))
        made.setProperty("remedy", remedy)
        made.setToolTip(_TOOLTIPS[remedy])
        made.clicked.connect(self._on_remedy_clicked)
        return made

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP_SMALL)
        head.addWidget(self._mark)
        head.addWidget(self._title, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_SMALL)
        for button in self._buttons.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._show_buttons(())
        self._spring = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addLayout(head)
        column.addWidget(self._why)
        column.addWidget(self._fix)
        column.addLayout(buttons)
        column.addWidget(self.images, 1)
        column.addWidget(self._spring, 1)


def narrowed(finding: Finding, remedy: Remedy, selected: Collection[Path]) -> Finding:
    """The finding as far as ``remedy`` for the selected files goes; all of it where none is selected.

    To keep one of a group, or to move it, concerns the group; the selected files are kept first.
    """
    if not selected:
        return finding
    chosen = set(selected)  # may be thousands
    if remedy in ("exclude", "relabel"):
        return replace(finding, groups=tuple((path,) for path in finding.paths if path in chosen))
    groups = [group for group in finding.groups if not chosen.isdisjoint(group)]
    kept_first = [tuple(sorted(group, key=lambda path: path not in chosen)) for group in groups]
    return replace(finding, groups=tuple(kept_first))
