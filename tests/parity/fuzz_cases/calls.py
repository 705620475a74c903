"""Operators that call subgraphs, and what lives longer than an invocation: variables, tables."""

import flatbuffers.flexbuffers as flexbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support.one_op import HANDLE, Body

from . import of
from .random_parts import Case, options


def elementwise(r, shape, constant=True):
    """A subgraph of a float32 tensor: one or two steps that keep its shape."""
    x = np.zeros(shape, "float32")
    name, made = r.pick((("ADD", "Add"), ("MUL", "Mul"), ("SUB", "Sub")))
    tensors = [(x, False), (r.values("float32", shape, -2, 2), True), (x, False)]
    steps = [(name, options(made), [0, 1], [2])]
    if r.chance(0.5):
        tensors.append((x, False))
        steps.append((r.pick(("NEG", "ABS", "TANH")), None, [2], [3]))
    return Body(tensors, [0], [len(tensors) - 1], steps)


@of("IF")
def branch(r, op):
    shape = r.shape(1, 3, empty=0.02)
    x = (r.values("float32", shape), False)
    return Case([(np.array(r.chance(0.5)), False), x], ["float32"], options("If", thenSubgraphIndex=1, elseSubgraphIndex=2), bodies=(elementwise(r, shape), elementwise(r, shape)))


@of("STABLEHLO_CASE")
def case(r, op):
    shape, count = r.shape(1, 3, empty=0.02), r.number(1, 4)
    x = (r.values("float32", shape), False)
    made = options("StablehloCase", branchSubgraphIndices=list(range(1, count + 1)))
    return Case([(np.array(r.number(-2, count + 1), "int32"), False), x], ["float32"], made, bodies=tuple(elementwise(r, shape) for _ in range(count)))


@of("WHILE")
def loop(r, op):
    shape, most = r.shape(1, 3, empty=0), np.array(r.number(0, 5), "int32")
    count, x = np.zeros([], "int32"), np.zeros(shape, "float32")
    cond = Body([(count, False), (x, False), (most, True), (np.zeros([], bool), False)], [0, 1], [3], [("LESS", options("Less"), [0, 2], [3])])
    body = Body([(count, False), (x, False), (np.array(1, "int32"), True), (r.values("float32", shape, -1, 1), True), (count, False), (x, False)], [0, 1], [4, 5],
                [("ADD", options("Add"), [0, 2], [4]), (r.pick(("ADD", "MUL")), None, [1, 3], [5])])
    return Case([(count, False), (r.values("float32", shape), False)], ["int32", "float32"], options("While", condSubgraphIndex=1, bodySubgraphIndex=2), bodies=(cond, body))


@of("WHILE/nested")
def nested(r, op):
    """The outer body runs an inner loop that adds 1 until a multiple of a step is reached."""
    i, n = np.zeros([], "int32"), r.number(2, 5)
    number = lambda v: (np.array(v, "int32"), True)
    outer_cond = Body([(i, False), number(r.number(0, 30)), (np.zeros([], bool), False)], [0], [2], [("LESS", options("Less"), [0, 1], [2])])
    inner_cond = Body([(i, False), number(n), number(0), (i, False), (np.zeros([], bool), False)], [0], [4],
                      [("FLOOR_MOD", options("FloorMod"), [0, 1], [3]), ("NOT_EQUAL", options("NotEqual"), [3, 2], [4])])
    inner_body = Body([(i, False), number(1), (i, False)], [0], [2], [("ADD", options("Add"), [0, 1], [2])])
    outer_body = Body([(i, False), number(1), (i, False), (i, False)], [0], [3],
                      [("ADD", options("Add"), [0, 1], [2]), ("WHILE", options("While", condSubgraphIndex=3, bodySubgraphIndex=4), [2], [3])])
    return Case([(np.array(r.number(0, 9), "int32"), False)], ["int32"], options("While", condSubgraphIndex=1, bodySubgraphIndex=2), name="WHILE",
                bodies=(outer_cond, outer_body, inner_cond, inner_body))


def composite():
    return options("StableHLOComposite", name="test.composite", decompositionSubgraphIndex=1, compositeAttributes=list(flexbuffers.Dumps({})))


@of("STABLEHLO_COMPOSITE")
def decomposed(r, op):
    shape = r.shape(1, 4, empty=0.02)
    return Case([(r.values("float32", shape), False)], ["float32"], composite(), bodies=(elementwise(r, shape),))


@of("READ_VARIABLE")
def variable(r, op):
    """Set, sometimes by an initialiser that runs once, changed, read."""
    shape, dtype = r.shape(1, 3), r.pick(("float32", "int32", "int64", "bool", "int8"))
    handle, x, name = (HANDLE, False), (np.zeros(shape, dtype), False), options("VarHandle", container="", sharedName="v")
    first = Body([handle, (r.values(dtype, shape), True)], [], [], [("VAR_HANDLE", name, [], [0]), ("ASSIGN_VARIABLE", None, [0, 1], [])])
    steps = [("CALL_ONCE", options("CallOnce", initSubgraphIndex=2), [], []), ("VAR_HANDLE", name, [], [1])]
    if r.chance(0.5):
        steps.append(("ASSIGN_VARIABLE", None, [1, 0], []))
    body = Body([x, handle, x], [0], [2], steps + [("READ_VARIABLE", None, [1], [2])])
    return Case([(r.values(dtype, shape), False)], [dtype], composite(), name="STABLEHLO_COMPOSITE", bodies=(body, first))


@of("HASHTABLE_FIND", "HASHTABLE_SIZE")
def table(r, op):
    """From int64 to string or back, as LiteRT has them; keys that are found and keys that are not."""
    to_text, n = r.chance(0.5), r.number(1, 6)
    numbers = r.rng.permutation(20)[:n].astype("int64")
    texts = np.array([b"key%d" % k for k in r.rng.permutation(20)[:n]], object)
    keys, values = (numbers, texts) if to_text else (texts, numbers)
    wanted = keys[r.rng.integers(0, n, r.number(1, 5))].copy()
    wanted[0] = -1 if to_text else b"missing"
    default = np.array([b"none"], object) if to_text else np.array([-7], "int64")
    types = [schema.TensorType.INT64, schema.TensorType.STRING]
    made = options("Hashtable", tableId=r.number(1, 9), keyDtype=types[0 if to_text else 1], valueDtype=types[1 if to_text else 0])
    result = np.zeros(1, "int64") if op.endswith("SIZE") else np.empty(len(wanted), values.dtype)
    last = ("HASHTABLE_SIZE", None, [1], [5]) if op.endswith("SIZE") else ("HASHTABLE_FIND", None, [1, 0, 4], [5])
    steps = [("HASHTABLE", made, [], [1]), ("HASHTABLE_IMPORT", None, [1, 2, 3], []), last]
    body = Body([(np.empty(len(wanted), keys.dtype) if keys.dtype == object else wanted * 0, False), (HANDLE, False), (keys, True), (values, True), (default, True), (result, False)], [0], [5], steps)
    return Case([(wanted, False)], [result.dtype], composite(), name="STABLEHLO_COMPOSITE", bodies=(body,))
