"""Every test has places of its own, no screen, and leaves no window behind."""

import os
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["COVID_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="covid-desktop-tests-")

from covid_desktop import paths

paths.prepare_environment()
