"""Ordinary Keras code. To import any of it raises UserError where TensorFlow cannot run."""

from covid_desktop.libraries import explained_imports
from covid_desktop.preflight import require_processor
from covid_desktop.streams import without_native_chatter

require_processor()
# What TensorFlow logs before its logging is set up obeys no setting.
with explained_imports(), without_native_chatter(rb"WARNING: All log messages before absl|I0000 "):
    import keras  # noqa: F401
