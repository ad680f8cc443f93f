"""Ordinary Keras code. To import any of it raises UserError where TensorFlow cannot run."""

from covid_desktop.libraries import explained_imports
from covid_desktop.preflight import require_processor

require_processor()
with explained_imports():
    import keras  # noqa: F401
