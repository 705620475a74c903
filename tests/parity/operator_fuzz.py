#!/usr/bin/env python3
"""Random files of one operator: `tflower run` against LiteRT's built-in kernels (without XNNPACK, but for operators that it alone has).

    operator_fuzz.py [--count N] [--seed S] [OPERATOR...]     # operators by pattern; N files over all of them

Case i of an operator depends on the seed, its name and i only. What LiteRT refuses (or crashes on) is counted and not judged. Integers must be
equal, quantised results within one step, floats within 1e-4 of the result's range (float16: 1e-3, two of its steps). KNOWN holds what differs on purpose, with the reason.
The last line is "N passed, N failed".
"""

import argparse
import collections
import fnmatch
import os
import sys
import tempfile
import zlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: E402

import fuzz_cases  # noqa: E402
from fuzz_cases.random_parts import Random  # noqa: E402
from support import generator, isolated, one_op, tflower_cli  # noqa: E402

DELEGATED = ("Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D")  # XNNPACK alone runs them
VERSIONS = {"BROADCAST_TO": 2}  # LiteRT's lowest, where it is not 1

RECURRENT, WITHIN = "rnn_kernels.py has its files", "is a step of the files of {}"
NO_MAKER = {  # operators of docs/operators.md without random files of their own, and why
    **dict.fromkeys(("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN", "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF"), RECURRENT),
    **dict.fromkeys(("CALL_ONCE", "VAR_HANDLE", "ASSIGN_VARIABLE"), WITHIN.format("READ_VARIABLE")),
    **dict.fromkeys(("HASHTABLE", "HASHTABLE_IMPORT"), WITHIN.format("HASHTABLE_FIND")),
    **dict.fromkeys(("CALL", "STABLEHLO_WHILE", "STABLEHLO_CBRT", "CONCAT_EMBEDDINGS"), "LiteRT has no kernel"),
}


def near_zero_quotient(case):
    """Is a quotient less than half a step of the result?"""
    a, b = (case.operands[i][0].astype("float64") for i in (0, 1))
    scale, zero = ([case.quantization[i][k][0] for i in (0, 1, 2)] for k in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return bool((np.abs((a - zero[0]) * scale[0] / ((b - zero[1]) * scale[1])) < scale[2] / 2).any())


# (operators by pattern, what the difference says or "", condition on the case, reason): the differences of docs/numerics.md, and nothing else.
KNOWN = [
    ("GELU", "relative error", lambda case: case.operands[0][0].dtype == "float32" and np.abs(case.operands[0][0]).max() > 2,
     "our GELU is exact to 4e-7 * max(1, |x|) (elementwise/unary.h), which is visible where all results are near 0"),
    ("CONV_2D*", "is shorter than the kernel", lambda case: True, "a filter that reaches beyond the input is refused, LiteRT gives a result without elements"),
    ("CONV_3D", "is shorter than the kernel", lambda case: True, "a filter that reaches beyond the input is refused, LiteRT gives a result without elements"),
    ("DEPTHWISE_CONV_2D*", "is shorter than the kernel", lambda case: True, "a filter that reaches beyond the input is refused, LiteRT gives a result without elements"),
    ("REDUCE_M*", "relative error", lambda case: 0 in case.operands[0][0].shape, "the extremum of no floats is infinite, in LiteRT the largest finite number"),
    ("[!E]*/quantised", "", lambda case: case.outputs == ["bool"] and case.operands[0][0].dtype == "int16" and case.quantization[0] != case.quantization[1],
     "quantised int16 is compared by value, in LiteRT by the stored numbers"),
    ("EQUAL/quantised", "", lambda case: case.operands[0][0].dtype == "int16" and case.quantization[0] != case.quantization[1],
     "quantised int16 is compared by value, in LiteRT by the stored numbers"),
    ("EXP/half", "", lambda case: True, "float16 results are rounded once, XNNPACK's are some steps off, and other numbers become infinite or 0"),
    ("SQUARED_DIFFERENCE/half", "e-03", lambda case: True, "float16 results are rounded once, XNNPACK rounds the difference, too"),
    *((f"{op}/half", part, lambda case: case.options.fusedActivationFunction != 0,
       "sums of float16 are rounded once, XNNPACK's after each term, which shows where a fused activation leaves small results of large sums")
      for op, part in (("*CONV_2D", "e-03"), ("AVERAGE_POOL_2D", "relative error"))),
    ("BATCH_MATMUL/hybrid", "relative error", lambda case: case.operands[0][0].ndim > 3, "each row is made int8 by its own scale, LiteRT takes other rows' where there are several batch dimensions"),
    ("DIV/quantised", "", lambda case: near_zero_quotient(case), "quotients near 0 are 0, in LiteRT's fixed point they may be shifted out of their range"),
    *((f"{op}/specials", "infinite or NaN in other places", lambda case: True, "whether a product or sum of large numbers leaves the range on its way depends on its order")
      for op in ("REDUCE_PROD", "SUM", "MEAN", "HARD_SWISH", "AVERAGE_POOL_2D")),
    ("AVERAGE_POOL_2D/specials", "relative error", lambda case: np.abs(case.operands[0][0]).max() > 1e37, "what is left of a sum whose large numbers cancel depends on its order"),
    *((f"{op}/specials", "relative error inf", lambda case: True, "infinite results stay infinite, LiteRT clamps them to the largest finite number")
      for op in ("ADD", "SUB", "MUL", "DIV", "AVERAGE_POOL_2D", "MAX_POOL_2D")),
    *((f"{op}/specials", "", lambda case: any(np.isnan(array).any() for array, _ in case.operands if array.dtype == "float32"),
       "NaN among the operands gives NaN, in LiteRT it depends on their order")
      for op in ("MAXIMUM", "MINIMUM", "MAX_POOL_2D", "AVERAGE_POOL_2D", "REDUCE_MAX", "REDUCE_MIN")),
]


def litert(content, arrays, resolver=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    for details, array in zip(interpreter.get_input_details(), arrays, strict=True):
        interpreter.set_tensor(details["index"], array)
    interpreter.invoke()
    return [fetched(interpreter, d) for d in interpreter.get_output_details()]


def fetched(interpreter, details):
    """get_tensor fails for results without elements."""
    return np.zeros(details["shape"], details["dtype"]) if 0 in details["shape"] else np.array(interpreter.get_tensor(details["index"]))


def built(op, case, results):
    name = "CUSTOM" if case.custom else case.name or op.split("/")[0]
    return one_op.build(name, case.options, case.operands, results, VERSIONS.get(name, 1), case.quantization, case.custom, bodies=case.bodies, sparsity=case.sparsity)


def ours(content, arrays, count, folder):
    """(results, None) or (None, error)"""
    paths = [os.path.join(folder, name) for name in ("op.tflite", "in.npz", "out.npz")]
    with open(paths[0], "wb") as file:
        file.write(content)
    np.savez(paths[1], **{name: array.astype("S") if array.dtype == object else array for name, array in arrays.items()})
    result = tflower_cli.call("run", paths[0], "--inputs", paths[1], "--outputs", paths[2], timeout_s=30)
    if result.error():
        return None, result.error()
    with np.load(paths[2], allow_pickle=False) as found:
        names = ["result"] if count == 1 else [f"result{i}" for i in range(count)]
        results = [found[name] for name in names]
        return [r.astype(object) if r.dtype.kind == "S" else r for r in results], None


def differ(mine, theirs, quantised):
    if mine.dtype != theirs.dtype or mine.shape != theirs.shape:
        return f"{mine.dtype}{mine.shape} instead of {theirs.dtype}{theirs.shape}"
    if theirs.size == 0:
        return None
    if theirs.dtype == object:
        wrong = sum(m != t for m, t in zip(mine.reshape(-1), theirs.reshape(-1)))
        return f"{wrong} of {theirs.size} strings differ" if wrong else None
    if theirs.dtype.kind in "fc":
        finite = np.isfinite(theirs)
        if not np.array_equal(mine[~finite], theirs[~finite], equal_nan=True):
            return "infinite or NaN in other places"
        wide = "complex128" if theirs.dtype.kind == "c" else "float64"
        error = np.abs(mine[finite].astype(wide) - theirs[finite].astype(wide)).max(initial=0) / max(np.abs(theirs[finite]).max(initial=0), 1e-6)
        return None if error <= (1e-3 if theirs.dtype == "float16" else 1e-4) else f"relative error {error:.2e}"
    if theirs.dtype.kind == "b":
        wrong = np.count_nonzero(mine != theirs)
        return f"{wrong} of {theirs.size} differ" if wrong else None
    distance = np.abs(mine.astype("int64") - theirs.astype("int64"))
    return None if distance.max() <= (1 if quantised else 0) else f"{np.count_nonzero(distance)} of {distance.size} differ by up to {distance.max()}"


def written(op, results):
    """LiteRT leaves what lies behind the last detection unwritten. Places are integers in the bits of floats."""
    if op == "MaxPoolingWithArgmax2D":
        return [results[0], results[1].view("uint32")]
    if op != "TFLite_Detection_PostProcess":
        return results
    count = int(results[3][0])
    return [r[:, :count] for r in results[:3]] + results[3:]


def judge(op, case, folder):
    """("passed" | "refused" | "crashed" | "failed", words)"""
    arrays = [array for array, constant in case.operands if not constant]
    try:
        declared = [np.zeros(shape, t) for shape, t in zip(case.shapes or [[]] * len(case.outputs), case.outputs)]
        resolver = OpResolverType.AUTO if op in DELEGATED or op.endswith("/half") else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        theirs = isolated.call(litert, built(op, case, declared), arrays, resolver, timeout_s=20)
        theirs = [t.astype(object) if t.dtype.kind == "S" else t for t in theirs]
    except isolated.Failed as error:
        return "crashed" if "crashed" in str(error) or "no answer" in str(error) else "refused", str(error)
    feed = {f"operand{i}": array for i, (array, constant) in enumerate(case.operands) if not constant}
    mine, error = ours(built(op, case, theirs), feed, len(theirs), folder)
    if error:
        return "failed", error
    if [m.shape for m in mine] != [t.shape for t in theirs]:  # some operators of LiteRT leave the declared shape if all operands have one element
        theirs = isolated.call(litert, built(op, case, mine), arrays, resolver, timeout_s=20)
    quantised = len(case.operands) in case.quantization
    wrong = [f"result {i}: {text}" for i, (m, t) in enumerate(zip(written(op, mine), written(op, theirs))) if (text := differ(m, t, quantised))]
    return ("failed", "; ".join(wrong)) if wrong else ("passed", "")


def explained(op, case, words):
    for pattern, part, condition, reason in KNOWN:
        if fnmatch.fnmatch(op, pattern) and part in words and condition(case):
            return reason
    return None


def uncovered(makers):
    """Complaints: operators with neither a maker nor a reason, and reasons that no longer hold."""
    with open(os.path.join(tflower_cli.ROOT, "docs", "operators.md")) as file:
        known = {line[3:].strip() for line in file if line.startswith("## ")}
    made = {op.split("/")[0] for op in makers}
    return ([f"{op}: no maker of random files, and no reason in NO_MAKER" for op in sorted(known - made - set(NO_MAKER))] +
            [f"{op}: a reason in NO_MAKER, but a maker" for op in sorted(made & set(NO_MAKER))] +
            [f"{op}: a reason in NO_MAKER for an unknown operator" for op in sorted(set(NO_MAKER) - known)])


def report(counts, known, refusing):
    for reason, count in known.most_common():
        print(f"{count} known: {reason}")
    for op in refusing:
        print(f"{op}: LiteRT refused every case")
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("refused", "crashed")) + " by LiteRT")
    print(f"{counts['passed'] + counts['known']} passed, {counts['failed']} failed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("operators", nargs="*", default=["*"])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print what LiteRT says when it refuses or crashes")
    asked = parser.parse_args()
    makers = {op: make for op, make in sorted(fuzz_cases.load().items()) if any(fnmatch.fnmatch(op, p) for p in asked.operators)}
    if wrong := generator.unmatched(asked.operators, makers):
        sys.exit("; ".join(wrong))
    missing = uncovered(fuzz_cases.load())
    print("\n".join(missing), end="\n" if missing else "")
    counts, known, by_op = collections.Counter(), collections.Counter(), collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(asked.count):
            op = list(makers)[i % len(makers)]
            case = makers[op](Random(asked.seed, zlib.crc32(op.encode()), i // len(makers)), op)
            kind, words = judge(op, case, folder)
            if kind == "failed" and (reason := explained(op, case, words)):
                kind, known[reason] = "known", known[reason] + 1
            counts[kind] += 1
            by_op[op][kind] += 1
            if kind == "failed" or asked.verbose and kind in ("refused", "crashed"):
                print(f"{kind} {op} #{i // len(makers)} {case}: {words}", flush=True)
    counts["failed"] += len(missing)
    report(counts, known, [op for op, kinds in by_op.items() if kinds["refused"] == kinds.total() > 1])
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
