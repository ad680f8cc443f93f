"""Functions compiled by TensorFlow for several threads."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


def traced_once(function: Callable[..., Any], signature: Sequence[Any]) -> Callable[..., Any]:
    """``function`` compiled for tensors of a ``signature``, when it is first called.

    One thread traces it: two at once would trace twice.
    """
    lock = threading.Lock()
    compiled = tf.function(function, signature, autograph=False)
    concrete: list[Any] = []

    def run(*tensors: Any) -> Any:
        with lock:
            if not concrete:
                concrete.append(compiled.get_concrete_function())
        return concrete[0](*tensors)

    return run
