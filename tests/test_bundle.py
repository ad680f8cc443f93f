"""The bundle as a clinic gets it: in a folder of somebody else's, with an empty home, no Python, no network.

Build it first: python3 dev.py bundle
"""

import filecmp
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bundling.third_party import forbidden
from covid_desktop.self_test import IMAGES

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT / "dist" / "covid-desktop"
LARGEST = 1_000_000_000
SECONDS = 300
NOBODY = "65534"
SCORE_DIFFERENCE = 1e-5


def alone() -> list[str]:
    """The start of a command that runs without a network, and as nobody where this is root."""
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    assert unshare is not None
    assert setpriv is not None
    if os.geteuid() == 0:
        become = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        return [unshare, "--net", "--", *become]
    return [unshare, "--map-current-user", "--net", "--"]


def why_not() -> str:
    """Why the bundle cannot be tried here; "" where it can."""
    if sys.platform != "linux":
        return "these tests need Linux's namespaces and strace"
    if not (BUNDLE / "covid-desktop").exists():
        return "no bundle is built: python3 dev.py bundle"
    inside, source = BUNDLE / "_internal" / "covid_desktop", ROOT / "covid_desktop"
    names = [str(file.relative_to(source)) for file in source.rglob("*.py") if file.name != "__main__.py"]
    _, other, missing = filecmp.cmpfiles(source, inside, names, shallow=False)
    if other + missing:
        return "the bundle is of another state of the source: python3 dev.py bundle"
    tracing = [*alone(), "strace", "-o", "/dev/null", "true"]
    tried = subprocess.run(tracing, capture_output=True, text=True, check=False)
    return f"this machine allows no namespace or no trace: {tried.stderr}" if tried.returncode else ""


SKIPPED = why_not()
pytestmark = [
    pytest.mark.skipif(bool(SKIPPED), reason=SKIPPED),
    pytest.mark.timeout(2 * SECONDS),
    pytest.mark.slow,
]


@dataclass(frozen=True, slots=True)
class Workstation:
    """Another user's: the bundle cannot be written, ``home``, ``temp`` and ``work`` are empty."""

    program: Path
    home: Path
    temp: Path
    work: Path

    def start(
        self, *arguments: object, prefix: Sequence[str] = (), **variables: str
    ) -> subprocess.Popen[str]:
        places = {"HOME": str(self.home), "TMPDIR": str(self.temp), "PATH": "/nowhere", "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [*alone(), *prefix, str(self.program), *map(str, arguments)],
            cwd=self.work,
            env=places | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: object, prefix: Sequence[str] = (), status: int = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """What the program printed; it leaves nothing in the temp folder."""
        with self.start(*arguments, prefix=prefix, **variables) as process:
            output, errors = process.communicate(timeout=SECONDS)
        assert process.returncode == status, errors
        assert list(self.temp.iterdir()) == []
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.fixture(scope="module")
def bundle() -> Iterator[Path]:
    """The executable of a copy, in a place that anybody can read."""
    folder = Path(tempfile.mkdtemp(prefix="covid-desktop-bundle-"))
    folder.chmod(0o755)
    shutil.copytree(BUNDLE, folder / "copy", symlinks=True)
    yield folder / "copy" / "covid-desktop"
    shutil.rmtree(folder)


@contextmanager
def set_up(program: Path) -> Iterator[Workstation]:
    folder = Path(tempfile.mkdtemp(prefix="covid-desktop-user-"))
    folder.chmod(0o755)
    places = [folder / name for name in ("home", "temp", "work")]
    for place in places:
        give(place)
    yield Workstation(program, *places)
    shutil.rmtree(folder)


@pytest.fixture
def workstation(bundle: Path) -> Iterator[Workstation]:
    with set_up(bundle) as one:
        yield one


def give(folder: Path) -> None:
    """Make a folder that the program's user owns."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, int(NOBODY), int(NOBODY))


@pytest.fixture(scope="module")
def demo(bundle: Path) -> Iterator["Demo"]:
    """The demo, made by the bundle under a trace of its system calls."""
    strace = shutil.which("strace")
    assert strace is not None, "strace is not installed: python3 dev.py bundle sees to it"
    calls = "trace=network,/^(open|openat|creat|mkdir|rename|link|symlink)"
    with set_up(bundle) as one:
        trace = one.work / "trace"
        prefix = [strace, "--follow-forks", "--seccomp-bpf", "--quiet=all", "-e", calls, "-o", str(trace)]
        done = one.run("demo", "--out", one.work / "demo", prefix=prefix)
        yield Demo(one.work / "demo", done.stdout, trace.read_text(errors="replace"), one)


@dataclass(frozen=True, slots=True)
class Demo:
    folder: Path
    output: str
    trace: str
    workstation: Workstation


def test_every_check_passes_without_display_home_python_and_network(workstation: Workstation) -> None:
    done = workstation.run("self-test")
    lines = done.stdout.splitlines()
    assert len(lines) > len(IMAGES)
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert "tensorflow" not in done.stderr


def test_the_demo_is_made_trained_and_scored(demo: Demo) -> None:
    scored = re.findall(r"^test\S+: (.+), score ", demo.output, re.MULTILINE)
    assert set(scored) <= {"COVID-19", "Healthy"}
    assert len(scored) == len(list((demo.folder / "images" / "test").rglob("*.png"))) > 0
    assert (demo.folder / "model.keras").stat().st_size > 0


def test_nothing_is_connected_to_but_sockets_of_this_machine(demo: Demo) -> None:
    assert "openat(" in demo.trace
    connected = [line for line in demo.trace.splitlines() if re.search(r"\b(connect|sendto|sendmsg)\(", line)]
    assert [line for line in connected if re.search(r"AF_INET6?\b", line)] == []


WRITING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT)\b|^(?:creat|mkdir|rename|link|symlink)")


def test_it_writes_in_the_users_places_alone(demo: Demo) -> None:
    """Of the paths in a call the last is the one it makes: rename("from", "to") = 0."""
    calls = [line.split(maxsplit=1)[1] for line in demo.trace.splitlines() if " = -1 " not in line]
    written = {
        re.findall(r'"((?:[^"\\]|\\.)*)"', call)[-1] for call in calls if WRITING.search(call) and '"' in call
    }
    places = demo.workstation
    allowed = tuple(f"{place}/" for place in (places.home, places.temp, places.work))
    assert any(path.startswith(allowed) for path in written)
    assert {
        path for path in written if not f"{path}/".startswith((*allowed, "/dev/", "/proc/self/"))
    } == set()


def scores(output: str) -> dict[str, float]:
    return {line["path"]: line["score"] for line in map(json.loads, output.splitlines())}


def test_it_gives_the_scores_of_the_source(demo: Demo, tmp_path: Path) -> None:
    arguments = ["predict", demo.folder / "model.keras", demo.folder / "images" / "val", "--json"]
    ours = scores(demo.workstation.run(*arguments).stdout)
    source = subprocess.run(
        [sys.executable, "-m", "covid_desktop", *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=True,
        cwd=ROOT,
    )
    expected = scores(source.stdout)
    assert len(expected) > 1
    assert ours == pytest.approx(expected, abs=SCORE_DIFFERENCE)


CLOSED = ["/bin/sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-']


def test_closed_standard_streams_break_nothing(demo: Demo) -> None:
    image = next((demo.folder / "images" / "val").rglob("*.png"))
    results = demo.workstation.work / "closed.csv"
    demo.workstation.run("predict", demo.folder / "model.keras", image, "--csv", results, prefix=CLOSED)
    assert str(image) in results.read_text(encoding="utf-8")


def test_the_versions_inside_are_named(workstation: Workstation) -> None:
    output = workstation.run("--version").stdout
    assert output.startswith("covid-desktop ")
    assert "not installed" not in output
    assert {"TensorFlow", "Keras", "NumPy", "Python"} <= {line.split()[0] for line in output.splitlines()}


def test_the_window_opens_hands_over_and_ends(workstation: Workstation) -> None:
    """The second start ends when the first window has taken its file."""
    shutil.copy(ROOT / "resources" / "self-test" / "grey.png", workstation.work)
    with workstation.start(QT_QPA_PLATFORM="offscreen") as window:
        while not list(workstation.home.rglob("instance-*.lock")):
            assert window.poll() is None
        ended = workstation.start(workstation.work / "grey.png", QT_QPA_PLATFORM="offscreen")
        _, errors = ended.communicate(timeout=SECONDS)
        assert (ended.returncode, errors) == (0, "")
        assert window.poll() is None
        window.send_signal(signal.SIGTERM)
        _, errors = window.communicate(timeout=SECONDS)
    assert (window.returncode, errors) == (0, "")
    assert list(workstation.temp.iterdir()) == []
    (log,) = workstation.home.rglob("covid-desktop.log")
    assert "grey" not in log.read_text(encoding="utf-8")


def test_without_a_display_it_says_so(workstation: Workstation) -> None:
    done = workstation.run(status=1)
    assert "display" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_installs_itself_for_this_user_and_leaves_again(workstation: Workstation) -> None:
    workstation.run("install")
    (entry,) = workstation.home.rglob("covid-desktop.desktop")
    assert str(workstation.program) in entry.read_text(encoding="utf-8")
    workstation.run("uninstall")
    assert list(workstation.home.rglob("*.desktop")) == []


def test_a_portable_one_keeps_all_beside_it(workstation: Workstation) -> None:
    portable, files = (workstation.program.with_name(name) for name in ("portable", "covid-desktop-files"))
    portable.touch()
    try:
        refused = workstation.run("check", workstation.work, status=1)
        assert str(files) in refused.stderr
        give(files)
        workstation.run("demo", "--help")
        assert list(files.iterdir())
        assert list(workstation.home.iterdir()) == []
    finally:
        portable.unlink()
        shutil.rmtree(files, ignore_errors=True)


def test_licenses_are_inside_and_nothing_is_under_the_gpl() -> None:
    text = (BUNDLE / "_internal" / "covid_desktop" / "resources" / "THIRD_PARTY.md").read_text(
        encoding="utf-8"
    )
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    files = [file.name for file in BUNDLE.rglob("*") if file.is_file()]
    assert forbidden([(name, name, "BINARY") for name in files]) == []


def test_no_link_leads_nowhere() -> None:
    assert [file for file in BUNDLE.rglob("*") if not file.exists()] == []


def test_it_stays_small() -> None:
    size = sum(file.lstat().st_size for file in BUNDLE.rglob("*"))
    assert size <= LARGEST
