"""A function that several threads ask for at once is traced by one of them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from covid_desktop.learning.tracing import traced_once

ONE_NUMBER = [tf.TensorSpec([], tf.float32)]


def test_threads_that_come_together_trace_once_and_each_gets_its_own_answer() -> None:
    traced: list[Any] = []
    together = threading.Barrier(4)

    def double(number: Any) -> Any:
        traced.append(number)
        return 2 * number

    function = traced_once(double, ONE_NUMBER)

    def ask(number: int) -> list[float]:
        together.wait(60)
        return [float(function(tf.constant(float(number)))) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert len(traced) == 1
    np.testing.assert_array_equal(answers, [[2 * number] * 5 for number in range(4)])


def test_nothing_is_traced_before_it_is_asked_for() -> None:
    traced: list[Any] = []
    function = traced_once(lambda number: (traced.append(number), number)[1], ONE_NUMBER)
    assert traced == []
    assert float(function(tf.constant(3.0))) == 3
    assert len(traced) == 1


def test_a_tracing_that_fails_is_tried_again() -> None:
    attempts: list[Any] = []

    def fails_once(number: Any) -> Any:
        attempts.append(number)
        if len(attempts) == 1:
            raise MemoryError
        return number

    function = traced_once(fails_once, ONE_NUMBER)
    with pytest.raises(MemoryError):
        function(tf.constant(3.0))
    assert float(function(tf.constant(3.0))) == 3
    assert len(attempts) == 2
