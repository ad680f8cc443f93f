"""How much memory the system can give, asked without a library."""

import ctypes
import sys
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")


def available_memory() -> int | None:
    """Bytes that programs can still have without swapping; None where the system does not say."""
    try:
        if sys.platform == "win32":
            return _windows()
        return _mac() if sys.platform == "darwin" else _linux(_MEMINFO)
    except (OSError, ValueError, AttributeError):
        return None


def _linux(file: Path) -> int | None:
    for line in file.read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return 1024 * int(value.split()[0])
    return None


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "available", "pages", "free_pages")),
        *((name, ctypes.c_uint64) for name in ("virtual", "free_virtual", "extended")),
    )


def _windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]
    return status.available if known else None


def _mac() -> int | None:
    """The share that the system itself calls free, of all."""
    total = _sysctl("hw.memsize", ctypes.c_uint64)
    percent = _sysctl("kern.memorystatus_level", ctypes.c_uint32)
    return None if total is None or percent is None else total * percent // 100


def _sysctl(name: str, kind: type[ctypes.c_uint64] | type[ctypes.c_uint32]) -> int | None:
    value = kind()
    size = ctypes.c_size_t(ctypes.sizeof(value))
    failed = ctypes.CDLL(None).sysctlbyname(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0)
    return None if failed else value.value
