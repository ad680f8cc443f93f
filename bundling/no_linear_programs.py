"""SciPy imports its solver of linear programs, 6 MB, which nothing here ever calls."""

import sys
import types

for _name, _function in (("_linprog_highs", "_linprog_highs"), ("_milp", "milp")):
    _module = types.ModuleType(f"scipy.optimize.{_name}")
    setattr(_module, _function, None)
    sys.modules[_module.__name__] = _module
