#!/usr/bin/env python3
"""One operator at a time: how near each kernel comes to what the machine allows, and to LiteRT + XNNPACK.

    kernel_bench.py [PATTERN...] [--threads 1 2] [--rounds 3] [--runs 15] [--scale 4] [--peak PROGRAM] [--json FILE]

Both runtimes run the same one-operator file (kernel_cases.py) on the same input, alternating with the yardstick, which PROGRAM (peak_bench, see
README.md) measures: the time in which as many threads read as many bytes as the operator reads and write as many as it writes, side by side; for
matrix products the multiply-add peak; for functions of dozens of instructions the longer of the streams and of as many multiply-adds as they have instructions. A figure is the minimum over all runs of all rounds. "of bound" is the yardstick's time in percent of
tflower's. Tensors have SCALE times 16 MiB: with 4 they are memory's, with 1 the last cache holds them on many machines, for the yardstick as well.
"""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402
from ai_edge_litert.interpreter import Interpreter  # noqa: E402

from benchmarks import kernel_cases  # noqa: E402
from benchmarks.kernel_cases import CASES  # noqa: E402
from support import one_op, tflower_cli  # noqa: E402

PEAK = os.path.join(tflower_cli.ROOT, "build", "release", "tests", "benchmarks", "kernels", "peak_bench")


def fastest(runs, function):
    """Microseconds."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


class Machine:
    """What the machine allows, in microseconds."""

    def __init__(self, program):
        if not os.access(program, os.X_OK):
            raise SystemExit(f"no {program}: configure with -DTFLOWER_BUILD_BENCH=ON, or see --peak")
        self.program = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _ask(self, question):
        self.program.stdin.write(question + "\n")
        self.program.stdin.flush()
        return float(self.program.stdout.readline())

    def multiply_adds(self, flops, threads):
        return flops * 1e6 / (self._ask("flops") * threads)

    def streams(self, read, write, threads, runs):
        return self._ask(f"stream {read} {write} {threads} {runs}")


class Model:
    """A case as a file, its input, and a LiteRT interpreter that holds it."""

    def __init__(self, case, folder, threads):
        self.arrays = [array for array, constant in case.operands if not constant]
        self.path, self.inputs = os.path.join(folder, "op.tflite"), os.path.join(folder, "in.npz")
        made = lambda results: one_op.build(case.op, case.options, case.operands, results, case.version, case.quantization)
        first = self._interpreter(made([np.zeros([], t) for t in case.outputs]), threads)
        results = [np.array(first.get_tensor(d["index"])) for d in first.get_output_details()]
        self.interpreter = self._interpreter(made(results), threads)
        with open(self.path, "wb") as file:
            file.write(made(results))
        np.savez(self.inputs, **{f"operand{i}": array for i, (array, constant) in enumerate(case.operands) if not constant})
        self.read = case.read() if case.read else sum(array.nbytes for array, _ in case.operands)
        self.written, self.elements = sum(r.nbytes for r in results), results[0].size

    def bound(self, case, machine, threads, runs):
        if case.flops:
            return machine.multiply_adds(case.flops, threads)
        streams = machine.streams(self.read, self.written, threads, runs)
        return max(streams, machine.multiply_adds(2 * case.arithmetic * self.elements, threads)) if case.arithmetic else streams

    def _interpreter(self, content, threads):
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
        for details, array in zip(interpreter.get_input_details(), self.arrays, strict=True):
            interpreter.set_tensor(details["index"], array)
        interpreter.invoke()
        return interpreter


def tflower_us(model, threads, runs):
    done = subprocess.run([tflower_cli.binary(), "bench", model.path, "--threads", str(threads), "--runs", str(runs), "--warmup", "2",
                           "--inputs", model.inputs, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-400:])
    return json.loads(done.stdout)["latency_ms"]["min"] * 1e3


def measure(name, threads, machine, arguments):
    case = CASES[name]()
    ours, peer, bound = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        model = Model(case, folder, threads)
        for _ in range(arguments.rounds):
            ours.append(tflower_us(model, threads, arguments.runs))
            bound.append(model.bound(case, machine, threads, arguments.runs))
            peer.append(fastest(arguments.runs, model.interpreter.invoke))
    us, peer_us, bound_us = min(ours), min(peer), min(bound)
    return {"case": name, "threads": threads, "us": us, "litert_us": peer_us, "bound_us": bound_us, "of_bound": 100 * bound_us / us, "ratio": us / peer_us,
            "rate": (case.flops or model.read + model.written) / us * 1e-3, "unit": "GFLOP/s" if case.flops else "GB/s"}


HEADER = f"{'case':32} thr {'tflower us':>11} {'LiteRT us':>11} {'ratio':>6} {'rate':>15} {'of bound':>9}"


def row(r):
    mark = " <" if r["of_bound"] < 60 or r["ratio"] > 1.05 else ""
    return f"{r['case']:32} {r['threads']:3} {r['us']:11.1f} {r['litert_us']:11.1f} {r['ratio']:6.2f} {r['rate']:7.1f} {r['unit']:7} {r['of_bound']:8.0f}%{mark}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--peak", default=PEAK, metavar="PROGRAM")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_intermixed_args()
    names = [n for n in CASES if any(fnmatch.fnmatch(n, p) for p in arguments.patterns or ["*"])]
    kernel_cases.SCALE = arguments.scale
    machine, results, bad = Machine(arguments.peak), [], 0
    print(HEADER)
    for threads in arguments.threads:
        for name in names:
            try:
                results.append(measure(name, threads, machine, arguments))
                print(row(results[-1]), flush=True)
            except (RuntimeError, ValueError) as error:
                bad += 1
                print(f"{name:32} {threads:3} {str(error).strip().splitlines()[-1][:200]}", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
