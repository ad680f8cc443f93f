"""Set up, run, test and bundle covid_desktop.

Every command starts with what setup does, if the lock file changed since the last time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "set-up.sha256"
OLDEST, NEWEST = (3, 11), (3, 13)  # TensorFlow 2.21 is published for these.
QT_FILES = ("QtWidgets.*so", "QtSvg.*so", "Qt/plugins/platforms/libq[xw]*.so")
BUNDLE_TOOLS = {"objcopy": "binutils", "strip": "binutils", "strace": "strace"}  # the last for its tests
TEST_TOOLS = {"dcmdump": "dcmtk", "dsrdump": "dcmtk"}
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")  # each of them holds TensorFlow: 1.5 GB
AUDITOR = "pip-audit==2.10.1"  # in an environment of its own: it is no part of what the lock file pins
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def setup(_: Sequence[str] = ()) -> int:
    """make .venv, install what requirements.lock pins, see to Qt's system libraries"""
    if not is_current():
        make_venv()
        pip_install("--require-hashes", "--no-deps", "--requirement", "requirements.lock")
        pip_install("--no-deps", "--no-build-isolation", "--editable", ".")
        STAMP.write_text(fingerprint(), encoding="ascii")
    if sys.platform == "linux":
        provide(missing_for_qt())
    print("Set up.", flush=True)
    return 0


def run(arguments: Sequence[str]) -> int:
    """open the window on the demo; without a display, run the demo on the command line"""
    return call([PYTHON, "-m", "covid_desktop", "--demo" if has_display() else "demo", *arguments])


def test(arguments: Sequence[str]) -> int:
    """run the whole test suite in two processes, or what pytest's arguments choose"""
    if sys.platform == "linux":
        provide(missing_for_tests())
    return call([PYTHON, "-m", "pytest", *(arguments or SIDE_BY_SIDE)], QT_QPA_PLATFORM="offscreen")


def lint(_: Sequence[str]) -> int:
    """check style, types and the direction of imports"""
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checks = (["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"], ["-m", "mypy"], ["-c", imports])
    return max([call([PYTHON, *check]) for check in checks])


def audit(_: Sequence[str]) -> int:
    """look up known vulnerabilities of what requirements.lock pins; says so where no index can be reached"""
    python = VENV / "audit" / PYTHON.relative_to(VENV)
    commands = (
        [sys.executable, "-m", "venv", python.parent.parent],
        [python, "-m", "pip", "install", "-q", AUDITOR],
    )
    if call_quietly([python, "-c", "import pip_audit"]) is None and any(
        call_quietly(command) is None for command in commands
    ):
        print(f"Nothing was audited: {AUDITOR} could not be installed, perhaps for want of a network.")
        return 0
    lock = ["--requirement", "requirements.lock", "--disable-pip", "--format", "json"]
    found = call_quietly([python, "-m", "pip_audit", *lock, "--progress-spinner", "off"], codes=(0, 1))
    packages = dependencies_of(found or "")
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        print("Nothing was audited: no index of advisories could be reached from here.")
        return 0
    vulnerable = [package for package in audited if package["vulns"]]
    for package in vulnerable:
        for one in package["vulns"]:
            mended = ", ".join(one["fix_versions"]) or "no version"
            print(f"{package['name']} {package['version']}: {one['id']}, mended in {mended}")
    share = f"{len(audited)} of {len(packages)} packages were audited"
    print(f"{share}; {len(vulnerable)} have known vulnerabilities.")
    return 1 if vulnerable else 0


def bench(arguments: Sequence[str]) -> int:
    """measure speed and memory"""
    return call([PYTHON, "tests/benchmarks/run.py", *arguments])


def bundle(arguments: Sequence[str]) -> int:
    """build the program that needs no Python, in dist"""
    if sys.platform == "linux":
        provide(missing_for_bundle())
    # The seed makes two builds alike: Python's sets are in the order of hashes.
    command = [PYTHON, "-m", "PyInstaller", "build.spec", "--noconfirm", "--log-level=WARN", *arguments]
    return call(command, PYTHONHASHSEED="0")


def archive(_: Sequence[str]) -> int:
    """pack the bundle in dist for another computer: .zip on Windows, else .tar.xz"""
    kind = "zip" if os.name == "nt" else "xztar"
    print(shutil.make_archive(str(ROOT / "dist" / "covid-desktop"), kind, ROOT / "dist", "covid-desktop"))
    return 0


COMMANDS = {command.__name__: command for command in (setup, run, test, lint, audit, bench, bundle, archive)}


def call(command: Sequence[object], **environment: str) -> int:
    """Run a command in the project's folder and return its exit code."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment})


def call_quietly(command: Sequence[object], codes: Sequence[int] = (0,)) -> str | None:
    """What a command writes to standard output; None if it cannot be run or returns another exit code."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if done.returncode in codes else None


def dependencies_of(report: str) -> list[dict]:
    """What pip-audit says of each package; empty where it did not finish. What it skipped has no "vulns"."""
    try:
        return list(json.loads(report)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return []


def must(command: Sequence[object]) -> None:
    """Run a command and leave the program if it fails."""
    if call(command):
        raise SystemExit(f"Failed: {' '.join(map(str, command))}")


def fingerprint() -> str:
    """A hash of all that decides what belongs in .venv."""
    digest = hashlib.sha256(str(VENV).encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether .venv was set up here, from the present lock file."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == fingerprint()


def make_venv() -> None:
    """Make .venv, unless there is one with a working pip."""
    if PYTHON.exists() and call([PYTHON, "-c", "import pip"]) == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        provide({"Python's ensurepip": "python{}.{}-venv".format(*sys.version_info)})
    must([sys.executable, "-m", "venv", "--clear", VENV])


def pip_install(*arguments: str) -> None:
    print("Installing:", *arguments, flush=True)
    must([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def missing_for_qt() -> dict[str, str]:
    """What this Linux lacks to show a window, and the Debian package of each."""
    from covid_desktop.libraries import not_found, package_of

    folder = next(VENV.glob("lib/python*/site-packages/PySide6"))
    files = [str(file) for pattern in QT_FILES for file in folder.glob(pattern)]
    ldd = subprocess.run(["ldd", *files], stdout=subprocess.PIPE, check=False)
    missing = {name: package_of(name) for name in not_found(ldd.stdout.decode())}
    return missing if has_font() else {**missing, "a font": "fonts-dejavu-core"}


def missing_for_tests() -> dict[str, str]:
    """What this Linux lacks to check written DICOM files, and the Debian package of each."""
    return {tool: package for tool, package in TEST_TOOLS.items() if not shutil.which(tool)}


def missing_for_bundle() -> dict[str, str]:
    """What this Linux lacks to build and test the bundle, and the Debian package of each."""
    missing = {tool: package for tool, package in BUNDLE_TOOLS.items() if not shutil.which(tool)}
    library = Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))
    if library.exists() or ".so" not in library.name:
        return missing
    return {**missing, library.name: "libpython{}.{}".format(*sys.version_info)}


def has_font(folders: Iterable[str] = FONT_FOLDERS) -> bool:
    return any(any(Path(folder).expanduser().rglob("*.[ot]t[cf]")) for folder in folders)


def has_display(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> bool:
    return platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def provide(missing: Mapping[str, str]) -> None:
    """Install the Debian packages of what is missing, or leave with the line that does."""
    if not missing:
        return
    lacks = f"This system lacks {', '.join(missing)}."
    install = ["apt-get", "install", "-y", "--no-install-recommends", *sorted(set(missing.values()))]
    if shutil.which("apt-get") is None:
        raise SystemExit(f"{lacks} Install that, then run this again.")
    if not may_install():
        raise SystemExit(f"{lacks} Run this line, then this command again:\n  sudo {' '.join(install)}")
    print(lacks, "Running:", *install, flush=True)
    as_root = [] if is_root() else ["sudo", "-n"]
    call([*as_root, "apt-get", "update", "-qq"])
    must([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", *install, "-qq"])


def is_root() -> bool:
    return os.geteuid() == 0


def may_install() -> bool:
    """Whether this user is root, or becomes it without a password."""
    return is_root() or (shutil.which("sudo") is not None and call(["sudo", "-n", "true"]) == 0)


def main(arguments: Sequence[str]) -> int:
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        sentence = "covid_desktop needs Python {}.{} to {}.{}; this is {}.{}."
        raise SystemExit(sentence.format(*OLDEST, *NEWEST, *version))
    if not arguments or arguments[0] not in COMMANDS:
        print("usage: python3 dev.py COMMAND [ARGUMENTS]\n")
        print("\n".join(f"  {name:<8}{command.__doc__}" for name, command in COMMANDS.items()))
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    if arguments[0] != "setup" and not is_current():
        setup()
    return COMMANDS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
