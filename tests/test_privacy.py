"""A canary in every name, tag and text of the images: nothing that the program leaves behind sings.

Where it does, the user asked for it; those places are listed below, each with the reason.
"""

import io
import logging
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo
from pydicom import Dataset, dcmwrite, uid
from pydicom.dataset import FileMetaDataset

from covid_desktop import curation, jobs, log, paths
from covid_desktop.core import decision_file, hash_chain, kept_worklist, prediction_log
from covid_desktop.core.atomic import write_text
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoints import Checkpoints, folder_of
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.image import content_hash
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import NOT_REVIEWED
from covid_desktop.core.scan import scan
from covid_desktop.core.watch_store import model_id
from covid_desktop.core.worklist_file import Entry, predictions_csv
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui.display import _on_message
from covid_desktop.gui.predict_menu import write_report_of
from covid_desktop.gui.report_file import write_report
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.task import Task
from covid_desktop.verifying import verify_model

pytestmark = pytest.mark.timeout(600)  # all that the program does, in one go

CANARY = "zqxcanary"
ASKED_FOR = {
    "home/config/settings.ini": "the recent folders and models of the menus",
    "home/data/worklist/worklist.csv": "the list that is there again at the next start, until it is cleared",
    "home/data/watched/watched.sqlite": "names in a watched folder, so that nothing in it is scored twice",
    "home/data/decisions/#.json": "what was decided about images in a folder that cannot be written",
    "home/data/runs/#/model.checkpoints/#": "where the data of an interrupted run is; gone once it has ended",
    "out/results.csv": "results for the user's own use, with the paths of the images",
    "out/card.md": "an evaluation says which folder was judged, by its name alone",
    "out/evaluation.html": "the same",
    "out/with names.html": "a report with the names of files, as the menu offers it",
}
"""Places below which the canary is found, with numbers and names as #."""


def draw(folder: Path) -> None:
    """Radiographs with the canary in folders, names, texts, EXIF, tags and in the picture itself."""
    seed = 0
    for part, count in (("train", 5), ("val", 3)):
        for name in ("Healthy", "COVID-19"):
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                seed += 1
                image = Image.fromarray(draw_phantom(seed, positive=name == "COVID-19", size=64).pixels)
                ImageDraw.Draw(image).text((2, 2), CANARY, fill=255)
                save(place / f"{CANARY}-{part}-{name}-{number}", image, number)


def save(path: Path, image: Image.Image, number: int) -> None:
    if number % 3 == 0:
        text = PngInfo()
        text.add_text("Comment", f"{CANARY} text")
        image.save(path.with_suffix(".png"), pnginfo=text)
    elif number % 3 == 1:
        exif = Image.Exif()
        exif[315] = f"{CANARY} artist"
        exif[270] = f"{CANARY} description"
        image.save(path.with_suffix(".jpg"), exif=exif, comment=f"{CANARY} comment")
    else:
        save_dicom(path.with_suffix(".dcm"), np.asarray(image))


def save_dicom(path: Path, pixels: Any) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = uid.generate_uid(entropy_srcs=[path.name])
    dataset.StudyInstanceUID = dataset.SeriesInstanceUID = "1.2.3"
    dataset.PatientName = f"{CANARY}^Name"
    dataset.PatientID, dataset.AccessionNumber = f"{CANARY}{path.name[-8:-4]}", CANARY[:16]
    dataset.StudyDescription = dataset.SeriesDescription = dataset.InstitutionName = f"{CANARY} words"
    dataset.PatientBirthDate, dataset.Modality = "19990101", "DX"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB"
    dcmwrite(path, dataset, enforce_file_format=True)


def broken(folder: Path) -> list[Path]:
    """Files that cannot be read, each for another reason, and one that is not there."""
    whole = next(folder.rglob("*.dcm")).read_bytes()
    contents = {
        "cut.png": next(folder.rglob("*.png")).read_bytes()[:200],
        "cut.jpg": next(folder.rglob("*.jpg")).read_bytes()[:400],
        "cut.dcm": whole[: len(whole) // 2],
        "odd.dcm": whole.replace(b"MONOCHROME2 ", b"MONOCHROMEX "),
        "empty.png": b"",
        "words.png": f"{CANARY} is no image".encode(),
    }
    places = [folder.parent / f"{CANARY}-{name}" for name in contents]
    for place, data in zip(places, contents.values(), strict=True):
        place.write_bytes(data)
    return [*places, folder / f"{CANARY}-missing.png"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, qapp: Any) -> Iterator[Path]:
    """All that the program is used for, once: ``home`` are its places, ``temp`` the temporary folder."""
    root = tmp_path_factory.mktemp("privacy")
    for name in ("home", "temp", "out"):
        (root / name).mkdir()
    data = root / f"{CANARY} hospital"
    draw(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(root / "home"))
        patch.setenv("TMPDIR", str(root / "temp"))
        patch.setattr(tempfile, "tempdir", str(root / "temp"))
        log.start_log()
        try:
            use(data, root / "out", patch)
        finally:
            for handler in list(log.package_log.handlers):
                log.package_log.removeHandler(handler)
                handler.close()
        yield root


def use(data: Path, out: Path, patch: pytest.MonkeyPatch) -> None:
    model = trained(data)
    images = sorted(data.rglob("*.*"))
    predictions = jobs.predict(model, [*images, *broken(data)])
    assert sum(one.error is not None for one in predictions) >= 6
    report(model, [*predictions[:3], *predictions[-2:]], out)
    keep(model, data, predictions)
    export(model, out)
    watch(model, data, len(images))
    fail(data)
    decide_elsewhere(data, patch)


def trained(data: Path) -> jobs.Model:
    opened = curation.open_dataset(data)
    config = TrainingConfig(architecture="small-cnn", image_size=40, batch_size=4, epochs=1)
    file = paths.new_run_folder("small-cnn") / "model.keras"
    result = jobs.train(opened, config, file)
    curation.check(curation.open_dataset(data))  # once more: from what is remembered
    interrupted = Checkpoint(config=config, data_folder=data, split_seed=0, began="2026-01-02T03:04:05+00:00")
    kept = Checkpoints(folder_of(file))
    kept.write(interrupted)
    kept.release()
    point = {"threshold": 0.4, "origin": "Youden index", "calibration": {}, "indeterminate": None}
    return jobs.save_operating_point(result.model, **point)


def report(model: jobs.Model, predictions: list[Prediction], out: Path) -> None:
    told: dict[str, Any] = {
        "reviews": {one.path: NOT_REVIEWED for one in predictions},
        "series": {one.path: None for one in predictions},
        "emit": lambda _: None,
        "should_stop": lambda: False,
    }
    for name in ("numbers.html", "numbers.pdf"):
        write_report_of(out / name, model, predictions, names="numbers", **told)
    write_report_of(out / "with names.html", model, predictions, names="files", **told)
    write_text(out / "results.csv", predictions_csv(predictions, model.path.name))
    judged = jobs.judge_folder(model, predictions[0].path.parents[2])
    for name in ("evaluation.html", "evaluation.pdf", "card.md"):
        write_report(out / name, model.card, [judged])


def keep(model: jobs.Model, data: Path, predictions: list[Prediction]) -> None:
    settings = Settings(paths.settings_file())
    settings.add_recent("folders", data)
    settings.save()
    entries = tuple(Entry(path=one.path, prediction=one) for one in predictions)
    kept_worklist.keep(paths.worklist_folder(), kept_worklist.KeptList(entries=entries, sources={}))
    said = [
        prediction_log.Logged(
            time=prediction_log.now(),
            image=content_hash(one.path) if one.path.exists() and one.path.stat().st_size else None,
            model=model_id(model.card),
            prediction=one,
        )
        for one in predictions
    ]
    prediction_log.append(paths.prediction_log_file(), said)


def export(model: jobs.Model, out: Path) -> None:
    jobs.export_model(model, out / "shared", "keras")
    jobs.export_model(model, out / "shared model", "saved_model")
    checks: list[Any] = []
    with pytest.raises(Stopped):
        verify_model(model, emit=checks.append, should_stop=lambda: len(checks) > 4)


def watch(model: jobs.Model, data: Path, count: int) -> None:
    scored: list[Prediction] = []

    def hear(event: object) -> None:
        if isinstance(event, Prediction):
            scored.append(event)

    jobs.watch(model, data, include_existing=True, emit=hear, should_stop=lambda: len(scored) >= count // 2)
    assert scored


def fail(data: Path) -> None:
    """Errors of the program itself, with names in their messages."""

    def job(**_: Any) -> None:
        try:
            raise FileNotFoundError(2, "No such file", str(data / f"{CANARY}.png"))
        except OSError as error:
            raise RuntimeError(f"{data} is odd") from error

    task = Task(job)
    task.run()
    task.finished.emit()
    log.log_fault(ValueError(f"{CANARY} in {data}"))
    for damaged in (data / f"{CANARY}.keras", next(data.rglob("*.png"))):
        with pytest.raises(UserError):
            jobs.load_model(damaged)
    with pytest.raises(UserError):
        curation.open_dataset(data / CANARY)
    logging.getLogger("pydicom").warning("PatientName: %s", CANARY)
    from PySide6.QtCore import QMessageLogContext, QtMsgType

    _on_message(QtMsgType.QtWarningMsg, QMessageLogContext(), f"cannot open {data / CANARY}.png: no")


def decide_elsewhere(data: Path, patch: pytest.MonkeyPatch) -> None:
    scanned = scan(data)
    name = scanned.samples[0].path.relative_to(data).as_posix()
    place = paths.decisions_folder()
    with patch.context() as readonly:
        readonly.setattr(decision_file.os, "access", lambda *_: False)
        decision_file.save_decisions(scanned, Decisions(excluded={name: "blank"}), place)


# --- looking for it


def contents(data: bytes) -> Iterator[bytes]:
    """The bytes of a file, and those that are packed in it."""
    yield data
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from contents(archive.read(name))
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        yield repr(Image.open(io.BytesIO(data)).info).encode()
    if data[:5] == b"%PDF-":
        for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                continue


def sings(data: bytes) -> bool:
    forms = {CANARY.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be")}
    return any(form in content.lower() for content in contents(data) for form in forms)


def general(place: str) -> str:
    """A place without what is another in each run."""
    place = re.sub(r"runs/[^/]*/", "runs/#/", place)
    place = re.sub(r"(checkpoints)/.*", r"\1/#", place)
    return re.sub(r"decisions/.*\.json", "decisions/#.json", place)


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_the_canary_is_found_where_it_is() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "x" * 99 + CANARY.upper())
    assert sings(packed.getvalue())
    assert sings(CANARY.encode("utf-16"))
    assert sings(b"%PDF-1.4\nstream\n" + zlib.compress(CANARY.encode()) + b"\nendstream")
    assert not sings(b"%PDF-1.4\nstream\nodd\nendstream")


def test_it_sings_only_where_the_user_asked_for_it(root: Path) -> None:
    looked_at = [path for name in ("home", "temp", "out") for path in files(root / name)]
    assert len(looked_at) > 25
    found = {general(path.relative_to(root).as_posix()) for path in looked_at if sings(path.read_bytes())}
    assert found == set(ASKED_FOR)


def test_names_of_files_and_folders_do_not_sing(root: Path) -> None:
    names = [path for name in ("home", "temp", "out") for path in (root / name).rglob("*")]
    assert [path for path in names if CANARY in path.name.lower()] == []


def test_an_evaluation_names_no_image(root: Path) -> None:
    for name in ("card.md", "evaluation.html"):
        text = (root / "out" / name).read_text(encoding="utf-8")
        assert set(re.findall(rf"{CANARY}.{{9}}", text)) == {f"{CANARY} hospital"}


def test_temporary_files_are_gone(root: Path) -> None:
    """TensorFlow takes away the code that it has made at the end of the process."""
    left = [path.name for path in (root / "temp").iterdir()]
    assert [name for name in left if not name.startswith("__autograph_generated_file")] == []


def test_the_log_tells_of_the_faults_all_the_same(root: Path) -> None:
    text = (root / "home" / "log" / "covid-desktop.log").read_text(encoding="utf-8")
    assert "FileNotFoundError: No such file or directory" in text
    assert "which led to\nbuiltins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "in fail.<locals>.job" in text
    assert str(root) not in text


def test_the_log_of_predictions_is_whole(root: Path) -> None:
    log_file = root / "home" / "data" / "prediction log" / "predictions.jsonl"
    assert prediction_log.check(log_file).is_intact
    assert hash_chain.read_head(log_file) is not None


def test_a_crash_leaves_no_name_behind(tmp_path: Path) -> None:
    """Of the interpreter itself, while a function is given a name."""
    script = (
        "import faulthandler\n"
        "from covid_desktop import log\n"
        "log.start_log()\n"
        "getattr(log, 'log_crashes', log.log_unhandled)()\n"
        "def read(path):\n"
        "    faulthandler._sigsegv()\n"
        f"read('/ward/{CANARY}.dcm')\n"
    )
    environment = {**os.environ, paths.HOME_VARIABLE: str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert done.returncode != 0
    assert files(tmp_path)
    assert [path for path in files(tmp_path) if sings(path.read_bytes())] == []
    assert not sings(done.stderr.replace(script.encode(), b""))


def test_names_in_csv_files_are_no_formulas() -> None:
    from covid_desktop.core.run_comparison import curves_csv, table_csv
    from covid_desktop.core.runs import Run

    run = Run(folder=Path("/runs/=1+1"), name="=cmd|' /C calc'!A0", note="@SUM(1)", problem="-1")
    cells = [cell.strip('"') for cell in re.split(r"[,\n]", table_csv([run]) + curves_csv([run]))]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert "'=1+1" in cells
