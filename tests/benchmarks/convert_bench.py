#!/usr/bin/env python3
"""Whole-process conversion: `tflower convert` against a Python process that imports TensorFlow and calls TFLiteConverter.

    convert_bench.py [PATTERN...] [--models DIR] [--rounds 3] [--ours-per-round 3] [--json FILE]

Prints seconds (minimum over rounds), peak resident memory (largest), both ratios, and tflower's seconds against copying the model's
files (write and fsync, as tflower does), which is the floor.
"""

import argparse
import fnmatch
import json
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from models import catalogue  # noqa: E402
from support import peer, tflower_cli  # noqa: E402


def files_of(source):
    if os.path.isfile(source):
        return [source]
    return [os.path.join(folder, name) for folder, _, names in os.walk(source) for name in names]


def copy_seconds(source, scratch):
    """Time to copy the model's files to `scratch` and have them on disk."""
    target = os.path.join(scratch, "copy")
    os.makedirs(target)
    start = time.monotonic()
    for index, path in enumerate(files_of(source)):
        copy = os.path.join(target, str(index))
        shutil.copyfile(path, copy)
        descriptor = os.open(copy, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    seconds = time.monotonic() - start
    shutil.rmtree(target)
    return seconds


def checked(result):
    if result.error():
        raise RuntimeError(result.error()[-600:])
    return result


def measure(name, arguments, scratch):
    """Samples of all three, alternating, for one model."""
    with open(f"{arguments.models}/{name}.json") as file:
        about = json.load(file)
    source = f"{arguments.models}/{about['source']}"
    graph = [json.dumps(about["graph"])] if about["graph"] else []
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    ours = [tflower_cli.binary(), "convert", source, "-o", f"{scratch}/a.tflite", "-q"]
    samples = {"tflower": [], "peer": [], "copy": []}
    for _ in range(arguments.rounds):
        for _ in range(arguments.ours_per_round):
            samples["tflower"].append(checked(tflower_cli.measured([*ours, *about["arguments"]])))
            samples["copy"].append(copy_seconds(source, scratch))
        command = [sys.executable, peer.__file__, source, f"{scratch}/b.tflite", *graph]
        samples["peer"].append(checked(tflower_cli.measured(command, 1200, env)))
    return {"model": name, "source_bytes": sum(map(os.path.getsize, files_of(source))), "copy_s": min(samples["copy"]),
            **{side: {"s": min(r.seconds for r in samples[side]), "peak_rss_kb": max(r.peak_rss_kb for r in samples[side]),
                      "all_s": [r.seconds for r in samples[side]]} for side in ("tflower", "peer")}}


HEADER = (f"{'model':22} {'MB':>6} {'tflower s':>10} {'MB RSS':>7} {'TFLite s':>9} {'MB RSS':>7} {'faster':>8} {'memory':>8} "
          f"{'copy s':>8} {'x copy':>7}")


def row(r):
    ours, theirs = r["tflower"], r["peer"]
    return (f"{r['model']:22} {r['source_bytes'] / 1e6:6.1f} {ours['s']:10.3f} {ours['peak_rss_kb'] / 1024:7.0f} {theirs['s']:9.2f} "
            f"{theirs['peak_rss_kb'] / 1024:7.0f} {theirs['s'] / ours['s']:7.1f}x 1/{theirs['peak_rss_kb'] / ours['peak_rss_kb']:<6.1f} "
            f"{r['copy_s']:8.3f} {ours['s'] / r['copy_s']:7.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--models", default=os.path.join(tflower_cli.ROOT, "build", "zoo"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours-per-round", type=int, default=3)
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_intermixed_args()
    wanted = arguments.patterns or [*catalogue.BIG, "kws_dscnn"]
    results, bad = [], 0
    print(HEADER)
    with tempfile.TemporaryDirectory(dir=arguments.models) as scratch:
        for name in [n for n in catalogue.MODELS if any(fnmatch.fnmatch(n, p) for p in wanted)]:
            try:
                results.append(measure(name, arguments, scratch))
                print(row(results[-1]), flush=True)
            except (OSError, RuntimeError) as error:
                bad += 1
                print(f"{name:22} {error}", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=1)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
