#!/usr/bin/env python3
"""Latency of tflower's runtime against LiteRT + XNNPACK, model by model, in alternating processes.

    latency_bench.py [PATTERN...] [--models DIR] [--threads 1 2] [--rounds 5] [--runs 30] [--same-file] [--peer-only] [--json FILE]

Each round starts one `tflower bench` and one LiteRT process per thread count (A B A B); a model's figure is the median of the rounds'
medians, and the minimum over all samples. tflower runs the file that it converts here; LiteRT runs TFLiteConverter's.
"""

import argparse
import fnmatch
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from models import catalogue  # noqa: E402
from support import tflower_cli  # noqa: E402

NETWORKS = [*catalogue.BIG, "kws_dscnn", "kws_conv1d", "mlp"]
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "litert_worker.py")


def output(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {done.returncode}: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout)


def tflower_once(model, inputs, threads, arguments):
    return output([tflower_cli.binary(), "bench", model, "--threads", str(threads), "--runs", str(arguments.runs),
                   "--warmup", str(arguments.warmup), "--inputs", inputs, "--json"])


def litert_once(model, inputs, threads, arguments):
    return output([sys.executable, WORKER, model, str(threads), str(arguments.runs), str(arguments.warmup), inputs])


def summary(samples):
    return {"min": min(s["latency_ms"]["min"] for s in samples),
            "median": statistics.median(s["latency_ms"]["median"] for s in samples),
            "load_ms": min(s["load_ms"] for s in samples), "first_ms": min(s["first_ms"] for s in samples),
            "peak_rss_kb": max(s["peak_rss_kb"] for s in samples), "samples": samples}


def measure(name, threads, arguments, scratch):
    """{"model", "threads", "tflower", "litert"} of one model; either side may be absent."""
    peer = f"{arguments.models}/{name}.tfl.tflite"
    ours = peer if arguments.peer_only else convert(name, arguments, scratch)
    inputs = f"{arguments.models}/{name}.b1.in.npz"
    sides = {"tflower": (tflower_once, ours), "litert": (litert_once, ours if arguments.same_file else peer)}
    if arguments.peer_only:
        del sides["tflower"]
    samples = {side: [] for side in sides}
    for _ in range(arguments.rounds):
        for side, (once, model) in sides.items():
            samples[side].append(once(model, inputs, threads, arguments))
    return {"model": name, "threads": threads, **{side: summary(s) for side, s in samples.items()}}


def convert(name, arguments, scratch):
    path = f"{scratch}/{name}.tflite"
    if not os.path.exists(path):
        error = tflower_cli.convert(f"{arguments.models}/{catalogue.source_path(name, '.')}", path).error()
        if error:
            raise RuntimeError(error)
    return path


HEADER = f"{'model':22} thr {'tflower min':>12} {'median':>9} {'LiteRT min':>12} {'median':>9} {'ratio min':>10} {'median':>7}"


def row(result):
    ours, peer = result.get("tflower"), result["litert"]
    left = f"{ours['min']:12.3f} {ours['median']:9.3f}" if ours else f"{'-':>12} {'-':>9}"
    ratio = f"{ours['min'] / peer['min']:10.2f} {ours['median'] / peer['median']:7.2f}" if ours else ""
    return f"{result['model']:22} {result['threads']:3} {left} {peer['min']:12.3f} {peer['median']:9.3f} {ratio}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--models", default=os.path.join(tflower_cli.ROOT, "build", "zoo"))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--same-file", action="store_true", help="LiteRT runs tflower's file too")
    parser.add_argument("--peer-only", action="store_true", help="measure LiteRT alone")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_intermixed_args()
    names = [n for n in catalogue.MODELS if any(fnmatch.fnmatch(n, p) for p in arguments.patterns or NETWORKS)]
    results, bad = [], 0
    print(HEADER)
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            for threads in arguments.threads:
                try:
                    results.append(measure(name, threads, arguments, scratch))
                    print(row(results[-1]), flush=True)
                except RuntimeError as error:
                    bad += 1
                    print(f"{name:22} {threads:3} {error}", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
