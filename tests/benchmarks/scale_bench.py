#!/usr/bin/env python3
"""Large made-up graphs, to see that conversion stays linear: CPU seconds of the whole program, at two sizes each.

    scale_bench.py [PATTERN...] [--keep DIR]

Needs no TensorFlow: the graphs are GraphDefs in text form. The ratio of the two times per node is near 1 where work grows with the graph, and near the ratio
of the sizes where it grows with its square.
"""

import argparse
import fnmatch
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support import tflower_cli  # noqa: E402


def node(name, op, inputs, attrs="attr { key: 'T' value { type: DT_FLOAT } }"):
    return f"node {{ name: '{name}' op: '{op}' " + "".join(f"input: '{i}' " for i in inputs) + attrs + " }\n"


def placeholder(name="x", dims="dim { size: -1 } dim { size: 8 }"):
    return node(name, "Placeholder", [], f"attr {{ key: 'dtype' value {{ type: DT_FLOAT }} }} attr {{ key: 'shape' value {{ shape {{ {dims} }} }} }}")


def constant(name, value, dims=""):
    shape = "".join(f"dim {{ size: {d} }} " for d in dims)
    tensor = f"tensor {{ dtype: DT_FLOAT tensor_shape {{ {shape}}} float_val: {value} }}"
    return node(name, "Const", [], f"attr {{ key: 'dtype' value {{ type: DT_FLOAT }} }} attr {{ key: 'value' value {{ {tensor} }} }}")


def chain(n):
    """Operators of which no rule takes two together."""
    ops = ["Tanh", "Sin", "Exp", "Sigmoid"]
    return placeholder() + "".join(node(f"n{i}", ops[i % 4], [f"n{i - 1}" if i else "x"]) for i in range(n))


def fired(n):
    """A chain that one rule merges into one operator."""
    return placeholder() + constant("c", 0.5) + "".join(node(f"n{i}", "AddV2", [f"n{i - 1}" if i else "x", "c"]) for i in range(n)) + node("y", "Exp", [f"n{n - 1}"])


def pushed(n):
    """A reshape that wanders behind every operator."""
    dims = node("d", "Const", [], "attr { key: 'dtype' value { type: DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { dim { size: 3 } } "
                "int_val: -1 int_val: 2 int_val: 4 } } }")
    reshape = node("r", "Reshape", ["x", "d"], "attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'Tshape' value { type: DT_INT32 } }")
    return placeholder() + dims + reshape + "".join(node(f"n{i}", ["Tanh", "Sigmoid"][i % 2], [f"n{i - 1}" if i else "r"]) for i in range(n))


def constants(n):
    """Each operator with a constant of its own."""
    return placeholder() + "".join(constant(f"c{i}", i + 1, [8]) + node(f"n{i}", ["Maximum", "AddV2"][i % 2], [f"n{i - 1}" if i else "x", f"c{i}"]) for i in range(n))


def wide(n):
    """One value that n operators read, whose results are all added up."""
    text = placeholder() + "".join(constant(f"c{i}", i + 1) + node(f"m{i}", "Mul", ["x", f"c{i}"]) for i in range(n))
    return text + "".join(node(f"s{i}", "AddV2", [f"s{i - 1}" if i else "x", f"m{i}"]) for i in range(n))


def wide_fired(n):
    """One value behind n operators that a rule removes."""
    text = placeholder() + constant("zero", 0) + node("t", "Tanh", ["x"]) + "".join(node(f"m{i}", "AddV2", ["t", "zero"]) + node(f"e{i}", "Mul", [f"m{i}", f"m{i}"]) for i in range(n))
    return text + "".join(node(f"s{i}", "Maximum", [f"s{i - 1}" if i else "x", f"e{i}"]) for i in range(n))


def concat(n):
    """One operator with n operands."""
    text = placeholder() + "".join(node(f"m{i}", ["Tanh", "Sin", "Exp", "Neg"][i % 4], [f"m{i - 1}" if i else "x"]) for i in range(n))
    axis = node("axis", "Const", [], "attr { key: 'dtype' value { type: DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } }")
    attrs = f"attr {{ key: 'T' value {{ type: DT_FLOAT }} }} attr {{ key: 'N' value {{ i: {n} }} }} attr {{ key: 'Tidx' value {{ type: DT_INT32 }} }}"
    return text + axis + node("y", "ConcatV2", [f"m{i}" for i in range(n)] + ["axis"], attrs)


def functions(n):
    """Calls within calls, n deep."""
    arg = "{ name: 'a' type: DT_FLOAT }", "{ name: 'b' type: DT_FLOAT }"
    library = ""
    for i in range(n):
        inner = f"node_def {{ name: 'c' op: 'f{i + 1}' input: 'a' }}" if i + 1 < n else "node_def { name: 'c' op: 'Tanh' input: 'a' attr { key: 'T' value { type: DT_FLOAT } } }"
        result = "c:b:0" if i + 1 < n else "c:y:0"
        last = f"node_def {{ name: 'n' op: 'Neg' input: '{result}' attr {{ key: 'T' value {{ type: DT_FLOAT }} }} }}"
        library += (f"function {{ signature {{ name: 'f{i}' input_arg {arg[0]} output_arg {arg[1]} }} {inner} {last} ret {{ key: 'b' value: 'n:y:0' }} }}\n")
    return placeholder() + node("y", "f0", ["x"], "") + f"library {{ {library} }}\n"


CASES = {"chain": (chain, 20000), "fired": (fired, 5000), "pushed": (pushed, 5000), "constants": (constants, 10000), "wide": (wide, 10000),
         "wide_fired": (wide_fired, 10000), "concat": (concat, 10000), "functions": (functions, 1000)}


def measure(name, build, n, folder):
    path = f"{folder}/{name}_{n}.pbtxt"
    with open(path, "w") as file:
        file.write(build(n))
    best = None
    for _ in range(3):
        result = tflower_cli.measured([tflower_cli.binary(), "convert", path, "-o", f"{folder}/out.tflite", "-q"])
        if result.error():
            sys.exit(f"{name}: {result.error()}")
        best = result.cpu_seconds if best is None else min(best, result.cpu_seconds)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", default=["*"])
    parser.add_argument("--keep", metavar="DIR", help="leave the graphs there")
    arguments = parser.parse_intermixed_args()
    folder = arguments.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    print(f"{'graph':12} {'size':>7} {'seconds':>8} {'per 1000':>9}   ratio to a quarter of the size")
    for name, (build, n) in CASES.items():
        if not any(fnmatch.fnmatch(name, p) for p in arguments.patterns):
            continue
        small, large = measure(name, build, n // 4, folder), measure(name, build, n, folder)
        print(f"{name:12} {n:7} {large:8.2f} {1000 * large / n:9.4f}   {large / small / 4:.2f}", flush=True)
    if not arguments.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
