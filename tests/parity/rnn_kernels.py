#!/usr/bin/env python3
"""Recurrent operators: random files of one operator, `tflower run` against LiteRT's built-in kernels over several invocations.

    rnn_kernels.py [--count N] [--seed S] [FORM...]     # forms by pattern; N files of each

Every file is invoked three times in one session, so that state must be kept, and once more in a new session, in LiteRT after a reset of its variables.
Floats: 1e-5. Hybrid operators make their activations int8 anew in each step, so a difference in the last bit of a float may move one of
them by one of 127 steps: such files are judged by 1e-5 where nothing moves, and by HYBRID otherwise; how many moved is printed. Integers: equal.
The last line is "N passed, N failed".
"""

import argparse
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

import rnn_cases  # noqa: E402
from support import generator, tflower_cli  # noqa: E402

INVOCATIONS = 3
HYBRID = 2e-2  # of the largest value: several activations moved


def litert(case, arrays, resolver):
    """Results of each invocation, then of the first one after a reset."""
    interpreter = Interpreter(model_content=case.content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    results = []
    interpreter.reset_all_variables()
    for i in [*range(INVOCATIONS), 0]:
        if i == 0:
            interpreter.reset_all_variables()
        for details, array in zip(inputs, arrays, strict=True):
            interpreter.set_tensor(details["index"], array[i])
        interpreter.invoke()
        results.append([np.array(interpreter.get_tensor(d["index"])) for d in outputs])
    return results


def ours(case, arrays, folder):
    """The same, or an error."""
    paths = [os.path.join(folder, name) for name in ("op.tflite", "in.npz", "out.npz")]
    with open(paths[0], "wb") as file:
        file.write(case.content)
    results = []
    for count in (INVOCATIONS, 1):
        np.savez(paths[1], **{str(i): array[:count] for i, array in enumerate(arrays)})
        result = tflower_cli.call("run", paths[0], "--inputs", paths[1], "--outputs", paths[2], "--steps", "--threads", case.threads, timeout_s=60)
        if result.error():
            return None, result.error()
        with np.load(paths[2]) as found:
            names = ["result"] if case.results == 1 else [f"result{i}" for i in range(case.results)]
            results += [[found[name][i] for name in names] for i in range(count)]
    return results, None


def differ(mine, theirs, case):
    """(None or what is wrong, did activations move)"""
    worst = 0.0
    for invocation, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        for x, y in zip(a, b, strict=True):
            if x.shape != y.shape or x.dtype != y.dtype:
                return f"{x.dtype}{x.shape} instead of {y.dtype}{y.shape}", False
            if x.dtype.kind != "f":
                off = np.abs(x.astype("int64") - y.astype("int64"))
                if off.max(initial=0) > case.steps:
                    return f"{np.count_nonzero(off)} of {off.size} differ by up to {off.max()} steps in invocation {invocation}", False
                continue
            if np.isnan(x).any() or np.isnan(y).any():
                return "NaN", False
            worst = max(worst, np.abs(x - y).max(initial=0) / max(1.0, np.abs(y).max(initial=0)))
    allowed = HYBRID if case.hybrid else 1e-5
    return (f"error {worst:.2e}" if worst > allowed else None), worst > 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", default=["*"])
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for files that failed")
    arguments = parser.parse_args()
    forms = {n: f for n, f in rnn_cases.FORMS.items() if any(fnmatch.fnmatch(n, p) for p in arguments.forms)}
    if wrong := generator.unmatched(arguments.forms, forms):
        sys.exit("; ".join(wrong))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in forms.items():
            moved = refused = 0
            for i in range(arguments.count):
                rng = np.random.default_rng([arguments.seed, zlib.crc32(name.encode()), i])
                case = make(rng)
                arrays = [rnn_cases.inputs(rng, spec, INVOCATIONS) for spec in case.inputs]
                try:
                    theirs = litert(case, arrays, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
                except (RuntimeError, ValueError) as error:
                    print(f"LiteRT refuses {name} {i} ({case.text}): {str(error).splitlines()[0]}", flush=True)
                    refused += 1
                    continue
                mine, wrong = ours(case, arrays, folder)
                if not wrong:
                    wrong, step = differ(mine, theirs, case)
                    moved += step
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(f"failed {name} {i} ({case.text}): {wrong}", flush=True)
                    if arguments.keep:
                        with open(os.path.join(arguments.keep, f"{name.replace('/', '_')}_{i}.tflite"), "wb") as file:
                            file.write(case.content)
            if moved:
                print(f"{name}: {moved} of {arguments.count} with activations that moved")
            failed += refused == arguments.count  # then nothing was judged
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
