"""TensorFlow imports the client of its remote profiler, 21 MB, which nothing here ever calls."""

import sys
import types

_NAME = "tensorflow.python.profiler.internal._pywrap_profiler_plugin"
sys.modules[_NAME] = types.ModuleType(_NAME)
