#!/usr/bin/env python3
"""One operator at a time: how near each kernel comes to what the machine allows, and to LiteRT + XNNPACK.

    kernel_bench.py [PATTERN...] [--threads 1 2] [--rounds 3] [--runs 15] [--peak PROGRAM] [--json FILE]

Both runtimes run the same one-operator file (kernel_cases.py) on the same input, alternating with the yardstick: a copy (numpy's, on as many
threads) of as many bytes as the operator reads and writes; for matrix products the multiply-add peak that PROGRAM (peak_bench, see README.md)
measures. A figure is the minimum over all runs of all rounds. "of bound" is the yardstick's time in percent of tflower's.
"""

import argparse
import concurrent.futures
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


class Copy:
    """The yardstick of memory: copies between two buffers whose pages are there already."""

    def __init__(self, threads):
        self.threads, self.pool = threads, concurrent.futures.ThreadPoolExecutor(threads)
        self.source, self.target = np.ones(0, "uint8"), np.ones(0, "uint8")

    def run(self, size, runs):
        if self.source.size < size:
            self.source, self.target = np.ones(size, "uint8"), np.ones(size, "uint8")
        cuts = [size * i // self.threads for i in range(self.threads + 1)]
        parts = [(self.target[a:b], self.source[a:b]) for a, b in zip(cuts, cuts[1:])]
        if self.threads == 1:
            return fastest(runs, lambda: np.copyto(*parts[0]))
        return fastest(runs, lambda: list(self.pool.map(lambda part: np.copyto(*part), parts)))


class Model:
    """A case as a file, its input, and a LiteRT interpreter that holds it."""

    def __init__(self, case, folder, threads):
        self.arrays = [array for array, constant in case.operands if not constant]
        self.path, self.inputs = os.path.join(folder, "op.tflite"), os.path.join(folder, "in.npz")
        made = lambda results: one_op.build(case.op, case.options, case.operands, results, case.version)
        first = self._interpreter(made([np.zeros([], t) for t in case.outputs]), threads)
        results = [np.array(first.get_tensor(d["index"])) for d in first.get_output_details()]
        self.interpreter = self._interpreter(made(results), threads)
        with open(self.path, "wb") as file:
            file.write(made(results))
        np.savez(self.inputs, **{f"operand{i}": array for i, (array, constant) in enumerate(case.operands) if not constant})
        read = sum(array.nbytes for array, _ in case.operands) if case.read is None else case.read
        self.bytes = read + sum(r.nbytes for r in results)

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


def peak_flops(program, threads):
    """Per microsecond."""
    if not os.access(program, os.X_OK):
        raise RuntimeError(f"no {program}: configure with -DTFLOWER_BUILD_BENCH=ON, or see --peak")
    return float(subprocess.run([program], capture_output=True, text=True, check=True).stdout) * threads * 1e-6


def measure(name, threads, copy, arguments):
    case = CASES[name]()
    ours, peer, bound = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        model = Model(case, folder, threads)
        for _ in range(arguments.rounds):
            ours.append(tflower_us(model, threads, arguments.runs))
            bound.append(case.flops / peak_flops(arguments.peak, threads) if case.flops else copy.run(model.bytes // 2, arguments.runs))
            peer.append(fastest(arguments.runs, model.interpreter.invoke))
    us, peer_us, bound_us = min(ours), min(peer), min(bound)
    return {"case": name, "threads": threads, "us": us, "litert_us": peer_us, "bound_us": bound_us, "of_bound": 100 * bound_us / us, "ratio": us / peer_us,
            "rate": case.flops / us * 1e-3 if case.flops else model.bytes / us * 1e-3, "unit": "GFLOP/s" if case.flops else "GB/s"}


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
    parser.add_argument("--peak", default=PEAK, metavar="PROGRAM")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_intermixed_args()
    names = [n for n in CASES if any(fnmatch.fnmatch(n, p) for p in arguments.patterns or ["*"])]
    results, bad = [], 0
    print(HEADER)
    for threads in arguments.threads:
        copy = Copy(threads)
        for name in names:
            try:
                results.append(measure(name, threads, copy, arguments))
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
