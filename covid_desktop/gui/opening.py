"""Opens what is chosen, dropped, or asked for by a start of the program."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from covid_desktop import jobs
from covid_desktop.gui.dropping import DropPlan, plan_drop
from covid_desktop.gui.instance import Request
from covid_desktop.gui.model_loading import ModelLoading
from covid_desktop.gui.tabs import Tabs
from covid_desktop.gui.task import Job, running_tasks
from covid_desktop.gui.window_jobs import WindowJobs


class Opening(QObject):
    """Brings folders, images, models and the demo to their tabs; a folder takes the place of the demo."""

    def __init__(
        self,
        window: QObject,
        tabs: Tabs,
        models: ModelLoading,
        tasks: WindowJobs,
        *,
        make_demo: Job,
        list_images: Job,
    ) -> None:
        super().__init__(window)
        self._tabs, self._models, self._tasks = tabs, models, tasks
        self._make_demo, self._list_images = make_demo, list_images
        self._demo_wanted = False

    def open_folder(self, folder: Path) -> None:
        """Look through ``folder`` and show it on the Data tab."""
        self._tabs.banner.clear()
        self._tabs.show_tab("data")
        self.open_unseen(folder)

    @Slot(object)
    def open_unseen(self, folder: Path) -> None:
        """Look through ``folder``, whichever tab is shown."""
        self._demo_wanted = False
        self._tabs.data.open_folder(folder)

    @Slot(object)
    def load_model(self, file: Path) -> None:
        """Read a model file in the background and score with it."""
        self._tabs.banner.clear()
        self._models.load(file)

    def score(self, places: Sequence[Path]) -> None:
        """Put files, and the files in folders, on the Predict tab's list."""
        self._tabs.show_tab("predict")
        self._tasks.run("listing", partial(self._list_images, list(places)), self._on_images_listed)

    @Slot(object)
    def score_image(self, path: Path) -> None:
        self.score([path])

    @Slot(object)
    def _on_images_listed(self, listed: jobs.ListedImages) -> None:
        if not listed.paths:
            what = "There are no files in the folder."
            self._tabs.banner.show_notice("info", what, "Choose images or another folder.")
        self._tabs.predict.add(listed.paths, listed.series)

    @Slot()
    def try_demo(self) -> None:
        """Draw simulated radiographs and open them."""
        self._tabs.show_tab("data")
        self._demo_wanted = True
        if not any(task.objectName() == "demo" for task in running_tasks()):
            self._tasks.run("demo", self._make_demo, self._on_demo_made)

    @Slot(object)
    def _on_demo_made(self, folder: Path) -> None:
        if not self._demo_wanted:
            return
        self.open_unseen(folder)
        self._tabs.banner.show_notice(
            "info",
            "These radiographs are simulated: drawn by the program, of nobody.",
            "Look at them, then train on them.",
            action=("Go to Train", self._tabs.show_train),
        )

    def take_request(self, request: Request) -> None:
        """Open what a start of the program was given."""
        if request.demo:
            self.try_demo()
        self.open_files(request.files)

    def plan(self, dropped: Sequence[Path]) -> DropPlan | None:
        """What files would do if they were dropped now."""
        return plan_drop(dropped, self._tabs.current)

    def take_dropped(self, dropped: Sequence[Path]) -> None:
        """Do with dropped files what their kind asks for."""
        self._carry_out(self.plan(dropped))

    def open_files(self, files: Sequence[Path]) -> None:
        """Do the same with files from outside, for whom no tab was chosen: a folder is data."""
        self._carry_out(plan_drop(files, "data"))

    def _carry_out(self, plan: DropPlan | None) -> None:
        if plan is None:
            return
        if plan.folder:
            self.open_folder(plan.folder)
        if plan.model:
            self._tabs.show_tab("predict")
            self.load_model(plan.model)
        if plan.images:
            self.score(plan.images)
