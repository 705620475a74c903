"""The table of single-op models: `op_cases.all_cases()`. A new row in one of the files here is a new test; a new file is found by itself."""

import importlib
import pkgutil

FILES = [importlib.import_module(f".{module.name}", __name__) for module in pkgutil.iter_modules(__path__) if module.name != "table"]


def all_cases():
    cases = [case for file in FILES for case in file.CASES]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"cases with the same name: {sorted(twice)}")
    return cases
