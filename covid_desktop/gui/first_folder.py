"""What the Data tab says before there is a folder."""

from PySide6.QtCore import Signal

from covid_desktop.gui.drop_area import EmptyState


class FirstFolder(EmptyState):
    """Says what a folder holds, and offers to choose one or to try the demo."""

    choose_requested = Signal()
    demo_requested = Signal()
    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__(
            "data",
            "Choose a folder of images",
            "It holds a folder for each class, such as COVID-19 and Healthy, or train and val folders with "
            "these two inside. You can also drop a folder on the window.",
        )
        self.add_button("Choose folder", "choose_first_folder", primary=True).clicked.connect(
            self.choose_requested
        )
        self.add_button("Try the demo", "try_demo").clicked.connect(self.demo_requested)
        self._cancel = self.add_button("Cancel", "cancel_first_folder")
        self._cancel.clicked.connect(self.cancel_requested)

    def set_busy(self, is_busy: bool) -> None:
        self._cancel.setVisible(is_busy)
