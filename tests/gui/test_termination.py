"""Signals of the system end the window in an orderly way."""

import os
import signal
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from covid_desktop.gui.termination import Termination


@pytest.fixture
def termination() -> Iterator[Termination]:
    one = Termination()
    yield one
    one.release()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_is_heard_while_qt_waits(qtbot: QtBot, termination: Termination, name: str) -> None:
    with qtbot.waitSignal(termination.asked, timeout=10_000):
        os.kill(os.getpid(), getattr(signal, name))


def test_it_leaves_signals_as_they_were() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    Termination().release()
    assert {number: signal.getsignal(number) for number in before} == before
    assert signal.set_wakeup_fd(-1) == -1
