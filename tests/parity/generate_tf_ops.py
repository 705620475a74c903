#!/usr/bin/env python3
"""Writes framework/import/ops/tf_ops.txt: the name and result types of every TensorFlow op, from the installed TensorFlow.

One op a line: its name, "!" when it is stateful, then one word for each output argument: a type ("float"), an attribute that holds one ("T"),
either with "N*" before it (as many as attribute N says), or "Tout[]" (an attribute that lists the types); where there are several, "name:" in front of each. Ops that no model of a user has
are left out: private ones ("_Name"), and those without a Python function except XLA's (TensorFlow's own tests, TPU infrastructure).
"""

import pathlib
import sys

import tensorflow as tf
from tensorflow.core.framework import op_def_pb2, types_pb2
from tensorflow.python.client import pywrap_tf_session


def results(op):
    return [(f"{arg.name}:" if len(op.output_arg) > 1 else "") + result(arg) for arg in op.output_arg]


def result(arg):
    if arg.type_list_attr:
        return arg.type_list_attr + "[]"
    kind = arg.type_attr or types_pb2.DataType.Name(arg.type).removeprefix("DT_").lower().removesuffix("_ref")
    return f"{arg.number_attr}*{kind}" if arg.number_attr else kind


def belongs(name):
    return not name.startswith("_") and (hasattr(tf.raw_ops, name) or name.startswith("Xla"))


def main():
    ops = op_def_pb2.OpList()
    ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    lines = [" ".join([op.name + ("!" if op.is_stateful else ""), *results(op)]) for op in ops.op if belongs(op.name)]
    out = pathlib.Path(__file__).parents[2] / "framework/import/ops/tf_ops.txt"
    out.write_text("\n".join(sorted(lines)) + "\n")
    print(f"{out}: {len(lines)} ops", file=sys.stderr)


if __name__ == "__main__":
    main()
