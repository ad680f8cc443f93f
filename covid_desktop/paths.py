"""The only file that knows places on disk."""

import os
from datetime import datetime
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).parent
_APP = "covid-desktop"
HOME_VARIABLE = "COVID_DESKTOP_HOME"


def resource(name: str) -> Path:
    """A file that ships with the program, such as ``icons/app.svg``."""
    shipped = _PACKAGE / "resources"
    return (shipped if shipped.is_dir() else _PACKAGE.parent / "resources") / name


def _place(name: str, platform_path: Path) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    folder = Path(home) / name if home else platform_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def data_folder() -> Path:
    """The user's own place for runs and demo images."""
    return _place("data", platformdirs.user_data_path(_APP, appauthor=False))


def cache_folder() -> Path:
    """What can be made again: features of images, caches of libraries."""
    return _place("cache", platformdirs.user_cache_path(_APP, appauthor=False))


def settings_file() -> Path:
    return _place("config", platformdirs.user_config_path(_APP, appauthor=False)) / "settings.ini"


def log_file() -> Path:
    return _place("log", platformdirs.user_log_path(_APP, appauthor=False)) / "covid-desktop.log"


def features_folder() -> Path:
    folder = cache_folder() / "features"
    folder.mkdir(exist_ok=True)
    return folder


def demo_folder() -> Path:
    return data_folder() / "demo"


def with_ending(path: Path, ending: str) -> Path:
    """``path`` with ``ending`` added where it has another one: run.2 becomes run.2.keras."""
    return path if path.suffix == ending else path.with_name(path.name + ending)


def new_run_folder(architecture: str) -> Path:
    """A new folder for what a training run leaves, named by time and architecture."""
    runs = data_folder() / "runs"
    name = f"{datetime.now():%Y-%m-%d %H.%M.%S} {architecture}"
    for attempt in range(1, 1000):
        folder = runs / (name if attempt == 1 else f"{name} ({attempt})")
        try:
            folder.mkdir(parents=True)
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
