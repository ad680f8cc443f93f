"""Every question that the window asks in a dialog of its own."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from covid_desktop.paths import with_ending

_IMAGES = "Images (*.png *.jpg *.jpeg *.tif *.tiff *.bmp *.webp *.dcm *.dicom);;All files (*)"
_RESULTS = "Results (*.csv);;All files (*)"
_MODELS = "Models (*.keras);;All files (*)"


class Dialogs:
    """Asks for files, folders and decisions; None or False when the user cancels. Tests give their own."""

    def folder(self, parent: QWidget, start: str) -> Path | None:
        name = QFileDialog.getExistingDirectory(parent, "Choose the folder with the class folders", start)
        return Path(name) if name else None

    def watched_folder(self, parent: QWidget, start: str) -> Path | None:
        name = QFileDialog.getExistingDirectory(parent, "Choose the folder to watch", start)
        return Path(name) if name else None

    def output_folder(self, parent: QWidget, start: str) -> Path | None:
        name = QFileDialog.getExistingDirectory(parent, "Choose the folder for DICOM results", start)
        return Path(name) if name else None

    def results(self, parent: QWidget, start: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(parent, "Open saved results", start, _RESULTS)
        return Path(name) if name else None

    def images(self, parent: QWidget, start: str) -> list[Path]:
        names, _ = QFileDialog.getOpenFileNames(parent, "Choose images", start, _IMAGES)
        return [Path(name) for name in names]

    def model(self, parent: QWidget, start: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(parent, "Choose a model", start, _MODELS)
        return Path(name) if name else None

    def save_as(self, parent: QWidget, title: str, suggestion: str, kind: str) -> Path | None:
        """``kind`` is the suffix, such as ".csv"; a name without it is given it."""
        dialog = QFileDialog(parent, title, str(Path.home() / suggestion), f"*{kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)  # before Qt asks whether a file may be replaced
        if not dialog.exec():
            return None
        chosen = Path(dialog.selectedFiles()[0])
        return with_ending(chosen, kind) if kind else chosen

    def report(self, parent: QWidget, suggestion: str) -> Path | None:
        """A PDF, or a web page where its name says so."""
        dialog = QFileDialog(parent, "Save the report", str(Path.home() / suggestion))
        dialog.setNameFilters(["PDF (*.pdf)", "Web page (*.html)"])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(".pdf")
        if not dialog.exec():
            return None
        file = Path(dialog.selectedFiles()[0])
        if file.suffix.casefold() in (".pdf", ".html"):
            return file
        return with_ending(file, ".html" if "html" in dialog.selectedNameFilter() else ".pdf")

    def may_stop_training(self, parent: QWidget, can_resume: bool = True) -> bool:
        """Whether to close while a run goes on; ``can_resume`` if it can go on another time."""
        box = QMessageBox(parent)
        box.setObjectName("closing")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("A training run is going on")
        box.setText("A training run is going on.")
        box.setInformativeText(
            "It can be resumed from its last finished epoch when the program is opened again."
            if can_resume
            else "Stop it and close? Nothing of it is kept."
        )
        words = "Close and resume later" if can_resume else "Stop and close"
        stop = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.exec()
        return box.clickedButton() is stop
