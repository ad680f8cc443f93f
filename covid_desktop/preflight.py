"""Whether the processor has the instructions that the libraries are compiled for.

A library that meets an instruction the processor lacks ends the process without a word, so this is
found out before it is imported. Only x86-64 processors come without them.
"""

import ctypes
import platform
import sys
from pathlib import Path

from covid_desktop.errors import UserError

BASELINE = "sse4_2"
"""x86-64-v2, by the last of its instruction sets: NumPy, and with it the window, needs it."""
AVX = "avx"
"""What TensorFlow needs."""

_NAMES = {BASELINE: "SSE4.2", AVX: "AVX"}
_XSTATE_AVX = 4
_FIX = (
    "Use a computer whose processor was made after about 2012; "
    "in a virtual machine, let it pass the host's processor through."
)


class ProcessorError(UserError):
    """The processor lacks instructions that a library needs."""


def require_baseline() -> None:
    """Raise ProcessorError where NumPy would end the process. Call before it is imported."""
    _require(BASELINE, "this program")


def require_processor() -> None:
    """Raise ProcessorError where TensorFlow would end the process. Call before it is imported."""
    _require(AVX, "TensorFlow")


def _require(flag: str, needed_by: str) -> None:
    flags = processor_flags()
    if flags and flag not in flags:
        raise ProcessorError(
            f"This computer's processor lacks {_NAMES[flag]}, which {needed_by} needs.", _FIX
        )


def processor_flags() -> frozenset[str]:
    """The instruction sets of an x86 processor, named as Linux does; empty where they are not known."""
    if sys.platform == "linux":
        return parse_cpuinfo(_read("/proc/cpuinfo"))
    if sys.platform == "win32" and platform.machine() == "AMD64":
        return _windows_flags()
    return frozenset()


def parse_cpuinfo(text: str) -> frozenset[str]:
    """The flags of the first processor in ``/proc/cpuinfo``; other processors than x86 have none."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _windows_flags() -> frozenset[str]:
    """Windows on x86-64 says for certain only whether AVX is there and switched on."""
    kernel32 = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 (mypy knows it on Windows alone)
    kernel32.GetEnabledXStateFeatures.restype = ctypes.c_uint64
    has_avx = kernel32.GetEnabledXStateFeatures() & _XSTATE_AVX
    return frozenset({BASELINE, AVX} if has_avx else {BASELINE})
