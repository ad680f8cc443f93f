"""What the menus do with the worklist, the watched folder and the model."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from covid_desktop import jobs
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.dicom_results import SavedResults
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.core.export import FORMATS, Export, ExportKind
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.verification import WAYS, Verification, compared, failed
from covid_desktop.core.worklist_file import Entry
from covid_desktop.core.worklist_sections import ReportedImage
from covid_desktop.errors import UserError
from covid_desktop.gui import predict_menu
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.model_menu import ModelMenu
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.predict_menu import PredictMenu
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.task import Task
from covid_desktop.gui.verification_view import VerificationView

EXPORTS: dict[str, ExportKind] = {
    "export_saved_model": "saved_model",
    "export_litert": "litert",
    "export_onnx": "onnx",
}


@dataclass(frozen=True)
class Notice:
    kind: str
    what: str
    fix: str = ""
    details: str = ""


class Menu:
    """A PredictMenu with its tab and actions, and what it told."""

    def __init__(self, tab: PredictTab, dialogs: Any, settings: Settings) -> None:
        self.tab, self.dialogs, self.settings = tab, dialogs, settings
        self.verification = verified()
        self.notices: list[Notice] = []
        self.sources: list[str] = []
        self.wanted = 0
        self.menu = PredictMenu(tab, tab, dialogs, settings, self.run, self.notify)
        self.of_model = ModelMenu(tab, tab, dialogs, self.run, self.notify, self.verify)
        self.menu.tab_wanted.connect(self.count)
        self.actions = {name: QAction(tab) for menu in self.menus for name in menu.names}
        for name, action in self.actions.items():
            action.triggered.connect(self.slot(name))
        self.menu.restore(self.actions)

    @property
    def menus(self) -> tuple[PredictMenu, ModelMenu]:
        return self.menu, self.of_model

    def slot(self, name: str) -> Any:
        (menu,) = (menu for menu in self.menus if name in menu.names)
        return getattr(menu, name)

    def show_state(self) -> None:
        for menu in self.menus:
            menu.show_state(self.actions)

    def run(self, source: str, job: Any, on_success: Any) -> None:
        self.sources.append(source)
        task = Task(job)
        task.setObjectName(source)
        task.succeeded.connect(on_success)
        task.start()

    def notify(self, kind: str, what: str, fix: str = "", details: str = "") -> None:
        self.notices.append(Notice(kind, what, fix, details))

    def verify(self, model: jobs.Model, **_: Any) -> Verification:
        return self.verification

    def count(self) -> None:
        self.wanted += 1

    def trigger(self, name: str) -> None:
        self.show_state()
        assert self.actions[name].isEnabled(), f"{name} is not enabled"
        self.actions[name].trigger()

    def enabled(self) -> set[str]:
        self.show_state()
        return {name for name, action in self.actions.items() if action.isEnabled()}


def verified(**differences: float | None) -> Verification:
    """By the first word of each way, in small letters; None failed, others are the same."""
    checks = []
    for way in WAYS:
        difference = differences.get(way.name.lower().split()[0], 0.0)
        checks.append(failed(way, "It broke.") if difference is None else compared(way, difference))
    return Verification(checks=tuple(checks), scores=(0.2, 0.8))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def make_menu(tasks: Any, show: Any, dialogs: Any, settings: Settings) -> Callable[[], Menu]:
    made = []

    def make() -> Menu:
        tab = show(PredictTab(watch=lambda *_, **__: None))
        made.append(Menu(tab, dialogs, settings))
        return made[-1]

    return make


@pytest.fixture
def menu(make_menu: Callable[[], Menu]) -> Menu:
    return make_menu()


@pytest.fixture
def images(tmp_path: Path, draw: Any) -> list[Path]:
    return draw(tmp_path / "images", 4)


@pytest.fixture
def scored(menu: Menu, tasks: Any, images: list[Path], make_model: Any) -> Menu:
    """Three images are Healthy and one COVID-19; the second is looked at."""
    menu.tab.set_model(make_model())
    menu.tab.add(images, {images[0]: SeriesPlace(label="Chest", number=1, total=2)})
    tasks.run_all()
    menu.tab.view.choose(images[1])
    return menu


def refuse(menu: Menu, path: Path) -> None:
    menu.tab.worklist.set_done(
        Prediction(path=path, label=None, score=None, threshold=0.5, refusal="It has colours.")
    )


# --- what can be done


ALWAYS = {"open_worklist", "keep_reviewer", "nameless_reports"}
WITH_MODEL = ALWAYS | {"watch_folder", "verify_model", *EXPORTS}
WITH_RESULTS = WITH_MODEL | {"export_csv", "report_image", "report_worklist", "save_dicom"}


def enabled(menu: Menu) -> set[str]:
    """Without the log of predictions, which has tests of its own."""
    return {name for name in menu.enabled() if "log" not in name}


def test_what_can_be_done_follows_the_model_and_the_results(
    menu: Menu, tasks: Any, images: list[Path], make_model: Any
) -> None:
    assert enabled(menu) == ALWAYS
    menu.tab.set_model(make_model())
    assert enabled(menu) == WITH_MODEL
    menu.tab.add(images)
    assert enabled(menu) == WITH_MODEL
    tasks.run()
    assert enabled(menu) == WITH_RESULTS
    refuse(menu, images[2])
    assert enabled(menu) == WITH_RESULTS | {"score_refused"}
    menu.tab.start_watching(images[0].parent, include_existing=False)
    assert enabled(menu) == WITH_RESULTS | {"score_refused", "stop_watching"}


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("export_csv", "save_as"),
        ("open_worklist", "results"),
        ("watch_folder", "watched_folder"),
        ("report_image", "report"),
        ("report_worklist", "report"),
        ("save_dicom", "output_folder"),
        *((name, "save_as") for name in EXPORTS),
    ],
)
def test_a_dialog_that_is_cancelled_does_nothing(
    scored: Menu, tasks: Any, dialogs: Any, name: str, question: str
) -> None:
    scored.trigger(name)
    assert dialogs.asked == [question]
    assert tasks.waiting == []
    assert (scored.notices, scored.sources, scored.wanted) == ([], [], 0)


@pytest.mark.parametrize(
    "name", ["report_image", "report_worklist", "save_dicom", "verify_model", *EXPORTS, "score_refused"]
)
def test_without_a_model_nothing_is_asked(menu: Menu, tasks: Any, dialogs: Any, name: str) -> None:
    menu.slot(name)()
    assert (dialogs.asked, tasks.waiting, menu.notices) == ([], [], [])


# --- the list


def test_the_results_are_written_as_csv_and_opened_again(
    scored: Menu, tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    file = tmp_path / "kept" / "results.csv"
    file.parent.mkdir()
    scored.tab.view.agree()
    dialogs.answers.update(save_as=file, results=file)
    scored.trigger("export_csv")
    tasks.run("csv")
    assert scored.notices == [Notice("success", "results.csv is saved.", str(file.parent))]
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["label"] for row in rows] == ["Healthy"] * 3 + ["COVID-19"]
    assert [row["verdict"] for row in rows] == ["", "agreed", "", ""]
    assert {row["model"] for row in rows} == {scored.tab.model.name}
    before = scored.tab.worklist.predictions
    scored.tab.worklist.clear()
    scored.trigger("open_worklist")
    tasks.run("worklist")
    assert scored.tab.worklist.predictions == before
    assert scored.settings.text("last/results") == str(file.parent)
    assert scored.wanted == 1


def test_a_file_that_is_no_list_of_results_is_told_by_the_job(
    menu: Menu, tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("name,age\na,3\n")
    dialogs.answers["results"] = tmp_path / "bad.csv"
    told: list[UserError] = []
    menu.trigger("open_worklist")
    task = tasks.take("worklist")
    task.failed.connect(told.append)
    task.run()
    tasks.end(task)
    assert "is not a list of results" in str(told[0])
    assert menu.wanted == 0


def test_refused_images_are_scored_anyway(scored: Menu, tasks: Any, images: list[Path]) -> None:
    refuse(scored, images[2])
    scored.trigger("score_refused")
    tasks.run()
    assert scored.tab.refused == []
    assert [one.label for one in scored.tab.worklist.predictions] == ["Healthy"] * 3 + ["COVID-19"]


def test_marks_carry_who_and_when_only_if_the_user_wants_it(
    scored: Menu, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_menu.getpass, "getuser", lambda: "dr-who")
    worklist = scored.tab.worklist
    scored.tab.view.agree()
    said = worklist.review(images[1])
    assert (said.verdict, said.who, said.when) == ("agreed", "", "")
    scored.trigger("keep_reviewer")
    scored.tab.view.disagree()
    said = worklist.review(images[1])
    assert (said.verdict, said.who) == ("disagreed", "dr-who")
    assert said.when
    scored.trigger("keep_reviewer")
    scored.tab.view.agree()
    said = worklist.review(images[1])
    assert (said.verdict, said.who, said.when) == ("agreed", "", "")


@pytest.mark.parametrize("error", [KeyError("HOME"), OSError("No such user")])
def test_an_account_without_a_name(
    scored: Menu, images: list[Path], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def no_name() -> str:
        raise error

    monkeypatch.setattr(predict_menu.getpass, "getuser", no_name)
    scored.trigger("keep_reviewer")
    scored.tab.view.agree()
    assert scored.tab.worklist.review(images[1]).who == "unknown"


def test_what_is_ticked_is_remembered(
    menu: Menu, make_menu: Callable[[], Menu], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("keep_reviewer", "nameless_reports")
    assert [menu.actions[name].isChecked() for name in names] == [False, False]
    for name in names:
        menu.trigger(name)
        assert menu.actions[name].isChecked()
    assert [make_menu().actions[name].isChecked() for name in names] == [True, True]
    for name in names:
        menu.trigger(name)
    assert [make_menu().actions[name].isChecked() for name in names] == [False, False]


# --- the watched folder


def test_a_folder_is_watched_and_not_any_more(scored: Menu, tasks: Any, dialogs: Any, tmp_path: Path) -> None:
    dialogs.answers["watched_folder"] = tmp_path
    scored.trigger("watch_folder")
    assert scored.tab.watching.folder == tmp_path
    assert scored.settings.text("last/watched") == str(tmp_path)
    assert scored.wanted == 1
    scored.trigger("stop_watching")
    assert not scored.tab.watching.is_running
    assert tasks.take().is_stopping


@pytest.mark.parametrize("include_existing", [False, True])
def test_what_is_there_already_is_scored_if_the_user_wants_it(
    make_window: Any, tasks: Any, dialogs: Any, tmp_path: Path, make_model: Any, include_existing: bool
) -> None:
    given: list[bool] = []
    tab = PredictTab(watch=lambda *_, include_existing, **__: given.append(include_existing))
    window = make_window(predict=tab)
    window._set_model(make_model())
    dialogs.answers["watched_folder"] = tmp_path
    tab.watch_bar._existing.setChecked(include_existing)
    window.findChild(QAction, "action_watch_folder").trigger()
    assert window.current_tab == "predict"
    tasks.run()
    assert given == [include_existing]


def test_without_a_model_the_button_says_what_is_missing(menu: Menu, dialogs: Any, tmp_path: Path) -> None:
    dialogs.answers["watched_folder"] = tmp_path
    menu.menu.choose_watched(include_existing=False)
    what = "There is no model yet that could score what comes into a folder."
    assert menu.notices == [Notice("info", what, "Train a model or load one.")]
    assert (dialogs.asked, menu.tab.watching.is_running) == ([], False)


# --- reports


class FakeReport:
    """Takes the place of looking at the images and of writing, and keeps what it was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images: list[ReportedImage] = []
        self.names = ""
        monkeypatch.setattr(jobs, "explained", self.explained)
        monkeypatch.setattr(predict_menu, "write_worklist_report", self.write)

    def explained(self, _: jobs.Model, predictions: Sequence[Prediction], **__: Any) -> list[ReportedImage]:
        return [ReportedImage(name=one.path.name, prediction=one) for one in predictions]

    def write(self, file: Path, *given: Any, names: str, **_: Any) -> Path:
        self.images, self.names = given[2], names
        return file


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> FakeReport:
    return FakeReport(monkeypatch)


def test_a_report_of_the_list_has_marks_and_places_in_series(
    scored: Menu, tasks: Any, dialogs: Any, report: FakeReport, images: list[Path], tmp_path: Path
) -> None:
    scored.tab.view.agree()
    dialogs.answers["report"] = tmp_path / "list.pdf"
    scored.trigger("report_worklist")
    tasks.run("report")
    assert [one.name for one in report.images] == [path.name for path in images]
    assert [one.review.verdict for one in report.images] == [None, "agreed", None, None]
    assert [one.series for one in report.images] == ["Chest, 1 of 2", "", "", ""]
    assert report.names == "files"
    assert scored.notices == [Notice("success", "list.pdf is saved.", str(tmp_path))]


def test_a_report_of_one_image_is_of_the_one_that_is_looked_at(
    scored: Menu, tasks: Any, dialogs: Any, report: FakeReport, images: list[Path], tmp_path: Path
) -> None:
    asked: list[str] = []
    dialogs.report = lambda _, suggestion: asked.append(suggestion) or tmp_path / "one.html"
    scored.trigger("report_image")
    tasks.run("report")
    assert asked == ["001 report.pdf"]
    assert [one.name for one in report.images] == [images[1].name]


def test_names_are_left_out_of_reports(
    scored: Menu, tasks: Any, dialogs: Any, report: FakeReport, tmp_path: Path
) -> None:
    dialogs.answers["report"] = tmp_path / "list.pdf"
    scored.trigger("nameless_reports")
    scored.trigger("report_worklist")
    tasks.run("report")
    assert report.names == "numbers"
    scored.trigger("nameless_reports")
    scored.trigger("report_worklist")
    tasks.run("report")
    assert report.names == "files"


def test_an_image_without_a_result_has_no_report(
    scored: Menu, tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    scored.tab.add([tmp_path / "new.png"])
    assert scored.tab.view.current == tmp_path / "new.png"
    assert "report_image" not in scored.enabled()
    scored.menu.report_image()
    assert dialogs.asked == []


# --- DICOM


@pytest.fixture
def dicom(scored: Menu, dialogs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Saves what a test says, and gives the notice."""
    dialogs.answers["output_folder"] = tmp_path / "out"
    given: list[Any] = []

    def save(tasks: Any, written: int, left_out: int) -> Notice:
        skipped = tuple(
            SkippedFile(path=Path(f"{number}.png"), reason="It is no DICOM file.")
            for number in range(left_out)
        )
        files = tuple(tmp_path / "out" / f"{number}.dcm" for number in range(written))

        def save_dicom(*arguments: Any, **_: Any) -> SavedResults:
            given.append(arguments)
            return SavedResults(written=files, left_out=skipped)

        monkeypatch.setattr(jobs, "save_dicom_results", save_dicom)
        scored.trigger("save_dicom")
        tasks.run("dicom")
        model, predictions, folder = given[-1]
        assert (model, folder) == (scored.tab.model, tmp_path / "out")
        assert predictions == scored.tab.worklist.predictions
        return scored.notices[-1]

    return save


def test_dicom_results_are_written(dicom: Any, scored: Menu, tasks: Any, tmp_path: Path) -> None:
    what = "The results are written: 4 DICOM files."
    assert dicom(tasks, 4, 0) == Notice("success", what, f"{tmp_path / 'out'}.")
    assert scored.settings.text("last/dicom") == str(tmp_path / "out")


def test_images_that_are_left_out_of_dicom_are_named(dicom: Any, tasks: Any, tmp_path: Path) -> None:
    told = dicom(tasks, 2, 1)
    assert told.fix == f"{tmp_path / 'out'}. Left out: 1 image."
    assert told.details == "0.png: It is no DICOM file."


def test_where_no_image_is_dicom_nothing_is_written(dicom: Any, tasks: Any) -> None:
    told = dicom(tasks, 0, 60)
    assert (told.kind, told.what) == ("warning", "Nothing was written.")
    assert len(told.details.splitlines()) == 50


@pytest.mark.parametrize("name", ["report_image", "report_worklist", "save_dicom"])
def test_what_another_model_said_is_not_saved_as_this_one_s(
    scored: Menu, tasks: Any, dialogs: Any, person: Any, images: list[Path], name: str
) -> None:
    result = Prediction(path=images[0], label="COVID-19", score=0.75, threshold=0.5)
    scored.tab.open_worklist((Entry(path=images[0], prediction=result, model="old.keras"),))
    scored.trigger(name)
    assert dialogs.asked == []
    banner = scored.tab.findChild(Banner)
    assert banner.accessibleName() == (
        "Nothing was saved: results are of another model, old.keras. "
        f"Score them again with {scored.tab.model.name}, or load the other model."
    )
    person.click(scored.tab, "banner_action")
    assert banner.isHidden()
    tasks.run()
    scored.trigger(name)
    assert len(dialogs.asked) == 1


# --- the model


def dialog_of(menu: Menu) -> VerificationView:
    (view,) = menu.tab.findChildren(VerificationView)
    return view


def close(menu: Menu, person: Any, qtbot: Any) -> None:
    person.click(dialog_of(menu), "close_verification")


@pytest.fixture
def verify(scored: Menu, tasks: Any, person: Any, qtbot: Any) -> Callable[..., None]:
    def verify(**differences: float | None) -> None:
        scored.verification = verified(**differences)
        scored.trigger("verify_model")
        tasks.run("verify")
        view = dialog_of(scored)
        with qtbot.waitSignal(view.destroyed):
            person.click(view, "close_verification")

    return verify


def test_a_model_that_is_the_same_everywhere_goes_on(scored: Menu, verify: Callable[..., None]) -> None:
    verify()
    assert scored.tab.refusal == ""
    assert scored.tab.worklist.done == 4


def test_a_model_that_differs_is_refused_and_nothing_is_scored_with_it(
    scored: Menu, verify: Callable[..., None], tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    verify(batch=0.01)
    assert scored.tab.refusal == (
        "The model gives different scores on this computer: batch. Do not use its results."
    )
    assert scored.tab.worklist.done == 0
    assert enabled(scored) == WITH_MODEL - {"watch_folder"}
    dialogs.answers["watched_folder"] = tmp_path
    scored.menu.choose_watched(include_existing=True)
    assert scored.notices[-1] == Notice("error", scored.tab.refusal, "Load another model.")
    assert (tasks.waiting, dialogs.asked) == ([], [])


def test_a_refused_model_that_passes_later_scores_again(
    scored: Menu, verify: Callable[..., None], tasks: Any
) -> None:
    verify(panel=None)
    assert scored.tab.refusal
    verify()
    assert scored.tab.refusal == ""
    tasks.run()
    assert scored.tab.worklist.done == 4


def test_a_verification_says_nothing_of_a_model_that_came_meanwhile(
    scored: Menu, tasks: Any, make_model: Any
) -> None:
    scored.verification = verified(batch=0.01)
    scored.trigger("verify_model")
    scored.tab.set_model(make_model("other"))
    tasks.run("verify")
    assert scored.tab.refusal == ""
    dialog_of(scored).close()


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_a_model_is_exported(
    scored: Menu,
    tasks: Any,
    dialogs: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    kind, given = EXPORTS[name], []

    def export_model(*arguments: Any, **_: Any) -> Export:
        given.append(arguments)
        return Export(path=arguments[1], kind=arguments[2], largest_difference=3e-8)

    monkeypatch.setattr(jobs, "export_model", export_model)
    file = tmp_path / f"exported{FORMATS[kind].ending}"
    dialogs.answers["save_as"] = file
    scored.trigger(name)
    tasks.run("export")
    assert given == [(scored.tab.model, file, kind)]
    what = f"The model is exported as {FORMATS[kind].title}: {file.name}."
    assert scored.notices == [Notice("success", what, f"Its scores are at most 3e-08 off. {tmp_path}")]


def test_an_export_is_refused_after_its_check_failed_and_the_others_are_not(
    scored: Menu, verify: Callable[..., None], dialogs: Any
) -> None:
    verify(onnx=0.01, litert=None)
    assert scored.tab.refusal == ""
    for name in ("export_onnx", "export_litert"):
        scored.trigger(name)
    assert dialogs.asked == []
    assert scored.notices == [
        Notice(
            "error",
            f"As {title}, the model gives other scores on this computer.",
            "Export it in another format.",
        )
        for title in ("ONNX", "LiteRT")
    ]
    scored.trigger("export_saved_model")
    assert dialogs.asked == ["save_as"]


def test_another_model_may_be_exported_after_the_first_failed(
    scored: Menu, verify: Callable[..., None], dialogs: Any, make_model: Any
) -> None:
    verify(onnx=0.01)
    scored.tab.set_model(make_model("other"))
    scored.trigger("export_onnx")
    assert dialogs.asked == ["save_as"]


# --- in the window


def test_every_entry_is_in_the_menus_of_the_window(window: MainWindow) -> None:
    for name in PredictMenu.names + ModelMenu.names:
        assert window.findChild(QAction, f"action_{name}") is not None, name


def test_results_that_are_opened_come_to_the_front(
    window: MainWindow, tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    (tmp_path / "results.csv").write_text("path,score\n/x/a.png,\n")
    dialogs.answers["results"] = tmp_path / "results.csv"
    window.show_tab("train")
    window.findChild(QAction, "action_open_worklist").trigger()
    tasks.run("worklist")
    assert window.current_tab == "predict"
    assert window.predict.worklist.rowCount() == 1


def test_a_list_that_cannot_be_read_is_told_in_the_window(
    window: MainWindow, tasks: Any, dialogs: Any, tmp_path: Path
) -> None:
    dialogs.answers["results"] = tmp_path / "gone.csv"
    window.findChild(QAction, "action_open_worklist").trigger()
    tasks.run("worklist")
    banners = [one.accessibleName() for one in window.findChildren(Banner) if one.isVisible()]
    assert len(banners) == 1
    assert banners[0].startswith("gone.csv could not be read")


def test_the_buttons_of_the_tab_do_what_the_menu_does(
    make_window: Any, tasks: Any, dialogs: Any, person: Any, images: list[Path], make_model: Any
) -> None:
    window = make_window()
    window._set_model(make_model())
    window.score(images)
    tasks.run_all()
    for name in ("save_csv", "save_worklist_report", "watch_folder"):
        assert isinstance(person.find(window, QPushButton, name), QPushButton)
        person.click(window, name)
    assert dialogs.asked == ["save_as", "report", "watched_folder"]
