"""The processor's instruction sets, read as Linux and Windows tell them."""

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from covid_desktop import jobs, preflight
from covid_desktop.preflight import AVX, BASELINE, ProcessorError, parse_cpuinfo, processor_flags

OLD = "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2"
KVM64 = f"""\
processor	: 0
vendor_id	: GenuineIntel
model name	: Common KVM processor
flags		: {OLD} syscall nx lm constant_tsc nopl xtopology cpuid pni cx16 x2apic hypervisor
bugs		: cpu_meltdown spectre_v1 spectre_v2
"""
NEHALEM = f"""\
processor	: 0
model name	: Intel(R) Core(TM) i7 CPU         920  @ 2.67GHz
flags		: {OLD} ss ht tm pbe syscall nx rdtscp lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm
vmx flags	: vnmi preemption_timer avx
"""
SANDY_BRIDGE = f"""\
processor	: 0
model name	: Intel(R) Core(TM) i7-2600 CPU @ 3.40GHz
flags		: {OLD} ss ht syscall nx lm pni ssse3 cx16 sse4_1 sse4_2 popcnt aes xsave avx lahf_lm

processor	: 1
flags		: fpu
"""
RASPBERRY_PI = """\
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm crc32 cpuid
CPU architecture: 8
"""


@pytest.mark.parametrize(
    ("cpuinfo", "baseline", "avx"),
    [(KVM64, False, False), (NEHALEM, True, False), (SANDY_BRIDGE, True, True)],
    ids=["KVM's default", "Nehalem", "Sandy Bridge"],
)
def test_x86_processors(cpuinfo: str, baseline: bool, avx: bool) -> None:
    flags = parse_cpuinfo(cpuinfo)
    assert (BASELINE in flags, AVX in flags) == (baseline, avx)


@pytest.mark.parametrize("cpuinfo", [RASPBERRY_PI, "", "flags", "\0\0"])
def test_what_is_not_known_has_no_flags(cpuinfo: str) -> None:
    assert parse_cpuinfo(cpuinfo) == frozenset()


def have(monkeypatch: pytest.MonkeyPatch, cpuinfo: str) -> None:
    monkeypatch.setattr(preflight, "processor_flags", lambda: parse_cpuinfo(cpuinfo))


def test_without_avx_tensorflow_is_refused_and_the_window_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, NEHALEM)
    preflight.require_baseline()
    with pytest.raises(ProcessorError) as refused:
        preflight.require_processor()
    assert refused.value.what == "This computer's processor lacks AVX, which TensorFlow needs."
    assert "virtual machine" in refused.value.fix


def test_without_sse_4_2_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, KVM64)
    with pytest.raises(ProcessorError, match=r"lacks SSE4\.2, which this program needs\."):
        preflight.require_baseline()


@pytest.mark.parametrize("cpuinfo", [SANDY_BRIDGE, RASPBERRY_PI, ""])
def test_nothing_is_refused_on_suspicion(monkeypatch: pytest.MonkeyPatch, cpuinfo: str) -> None:
    have(monkeypatch, cpuinfo)
    preflight.require_baseline()
    preflight.require_processor()


def test_a_cpuinfo_that_cannot_be_read_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_text(*_: object, **__: object) -> str:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", read_text)
    assert processor_flags() == frozenset()


@pytest.mark.parametrize(
    ("machine", "mask", "flags"),
    [
        ("AMD64", 0b111, {BASELINE, AVX}),
        ("AMD64", 0b011, {BASELINE}),
        ("ARM64", 0, set()),
    ],
)
def test_windows(monkeypatch: pytest.MonkeyPatch, machine: str, mask: int, flags: set[str]) -> None:
    def features() -> int:
        return mask

    kernel32 = SimpleNamespace(GetEnabledXStateFeatures=features)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel32, raising=False)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr(sys, "platform", "win32")
    assert processor_flags() == flags


def test_macos_has_nothing_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert processor_flags() == frozenset()


def test_tensorflow_is_not_imported_where_it_would_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, NEHALEM)
    for name in [name for name in sys.modules if name.startswith("covid_desktop.learning")]:
        monkeypatch.delitem(sys.modules, name)
    before = set(sys.modules)
    with pytest.raises(ProcessorError):
        jobs.load_tensorflow()
    assert not {"keras", "tensorflow"} & (set(sys.modules) - before)
