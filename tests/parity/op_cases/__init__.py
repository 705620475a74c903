"""The table of single-op models: `op_cases.all_cases()`. A new row in one of the files here is a new test."""

from . import (algebra, arithmetic, control_flow, convolution, detection, functions, indexing, linear, matrices, normalisation, random_numbers, rewrites, segments, shaping,
               signals, tables, volumes)

FILES = (convolution, volumes, linear, algebra, arithmetic, normalisation, shaping, indexing, segments, matrices, signals, detection, functions, control_flow,
         rewrites, tables, random_numbers)


def all_cases():
    cases = [case for file in FILES for case in file.CASES]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"cases with the same name: {sorted(twice)}")
    return cases
