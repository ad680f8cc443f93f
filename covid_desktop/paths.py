"""The only file that knows places on disk."""

import os
import sys
from datetime import datetime
from pathlib import Path

import platformdirs

from covid_desktop.bundled import is_bundled
from covid_desktop.errors import UserError

_PACKAGE = Path(__file__).parent
_APP = "covid-desktop"
HOME_VARIABLE = "COVID_DESKTOP_HOME"
PORTABLE = "portable"
"""The file beside the bundled program that keeps all of the user's places beside it, too."""


def resource(name: str) -> Path:
    """A file that ships with the program, such as ``icons/app.svg``."""
    shipped = _PACKAGE / "resources"
    return (shipped if shipped.is_dir() else _PACKAGE.parent / "resources") / name


def is_there(path: str) -> bool:
    """Whether ``path`` exists; False for any text that cannot be a path."""
    return os.path.exists(path)  # noqa: PTH110 (Path.exists raises where a name is too long)


class PlaceError(UserError):
    """A place of the user's that cannot be made or written."""


def _inside(place: Path, name: str, mode: int = 0o777) -> Path:
    folder = place / name
    try:
        folder.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise PlaceError(f"The program cannot write to its folder {place}.", _fix(), str(error)) from error
    return folder


def _place(name: str, platform_path: Path) -> Path:
    home = _chosen_home()
    folder = home / name if home else platform_path
    try:
        if not folder.is_absolute():  # the user has no home folder
            raise FileNotFoundError(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(folder)
    except OSError as error:
        raise PlaceError(f"The program cannot write to its folder {folder}.", _fix(), str(error)) from error
    return folder


def _chosen_home() -> Path | None:
    """The one folder that holds all places, where the user wants one."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return Path(chosen).absolute()
    return _portable_home()


def _portable_home() -> Path | None:
    if not is_bundled():
        return None
    program = Path(sys.executable)
    in_app = sys.platform == "darwin" and program.parent.name == "MacOS"  # Name.app/Contents/MacOS
    beside = program.parents[3 if in_app else 0]
    return beside / "covid-desktop-files" if (beside / PORTABLE).is_file() else None


def _fix() -> str:
    if os.environ.get(HOME_VARIABLE) or not _portable_home():
        return f"Make it writable, or set the variable {HOME_VARIABLE} to a folder that is."
    return (
        f"Make it writable, or delete the file named {PORTABLE} beside the program: "
        "its files then go to your home folder."
    )


def data_folder() -> Path:
    """The user's own place for runs and demo images.

    It and the other places below raise PlaceError where they cannot be made or written.
    """
    return _place("data", platformdirs.user_data_path(_APP, appauthor=False))


def cache_folder() -> Path:
    """What can be made again: features of images, caches of libraries."""
    return _place("cache", platformdirs.user_cache_path(_APP, appauthor=False))


def config_folder() -> Path:
    """What the window remembers, and what its starts know one another by."""
    return _place("config", platformdirs.user_config_path(_APP, appauthor=False))


def settings_file() -> Path:
    return config_folder() / "settings.ini"


def log_file() -> Path:
    return _place("log", platformdirs.user_log_path(_APP, appauthor=False)) / "covid-desktop.log"


def features_folder() -> Path:
    return _inside(cache_folder(), "features")


def survey_folder() -> Path:
    """What was found out about images of data sets, so that each is read once."""
    return _inside(cache_folder(), "survey")


def decisions_folder() -> Path:
    """What was decided about data in folders that cannot be written."""
    return _inside(data_folder(), "decisions")


def watch_folder() -> Path:
    """What was said of files in watched folders, so that none is scored twice."""
    return _inside(data_folder(), "watched")


def worklist_folder() -> Path:
    """The list on the Predict tab, so that it is there again at the next start; for the user's eyes alone.

    It holds names of files.
    """
    return _inside(data_folder(), "worklist", 0o700)


def prediction_log_file() -> Path:
    """The log of predictions, which is kept where the user wants one; for the user's eyes alone."""
    return _inside(data_folder(), "prediction log", 0o700) / "predictions.jsonl"


def demo_folder() -> Path:
    return data_folder() / "demo"


def runs_folder() -> Path:
    """What training runs left, a folder each."""
    return _inside(data_folder(), "runs")


def with_ending(path: Path, ending: str) -> Path:
    """``path`` with ``ending`` added where it has another one: run.2 becomes run.2.keras."""
    return path if path.suffix == ending else path.with_name(path.name + ending)


def new_run_folder(architecture: str) -> Path:
    """A new folder for what a training run leaves, named by time and architecture.

    Raises PlaceError, OSError.
    """
    runs = runs_folder()
    name = f"{datetime.now():%Y-%m-%d %H.%M.%S} {architecture}"
    for attempt in range(1, 1000):
        folder = runs / (name if attempt == 1 else f"{name} ({attempt})")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(runs / name)


def prepare_environment() -> None:
    """Keep Keras' and matplotlib's own files out of the home folder. Call before importing either."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("KERAS_HOME", str(cache_folder() / "keras"))
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # Without it glibc maps and unmaps every large tensor, and half of a training step is page faults.
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
