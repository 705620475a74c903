"""Makers of random files of one operator, by family of operators; cases of operator_fuzz.py."""

import importlib
import pkgutil

MAKERS = {}  # operator: maker(random, operator) -> Case


def of(*operators):
    def add(maker):
        for operator in operators:
            MAKERS[operator] = maker
        return maker
    return add


def load():
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return MAKERS
