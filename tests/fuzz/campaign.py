#!/usr/bin/env python3
"""A long search: so many executions of each target, with what they found.

    campaign.py BUILD [TARGET...] [--runs 10000000] [--jobs 2] [--corpus FOLDER] [--found FOLDER] [--csv FILE]

BUILD is a build folder of the fuzz preset. A TARGET is a parser (tflite, verify, graph, ...) or a group of operators' families (GROUPS); without any, all
of them. A target that stops at an input goes on after it (the input is kept in --found) until it has done its executions. FILE gets a line for each
million of executions: target, executions, seconds, findings; what it has already is not run again.
"""

import argparse
import collections
import concurrent.futures
import csv
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CHUNK = 1_000_000
PARSERS = ("verify", "tflite", "graph", "attr", "checkpoint", "convert", "manifest", "elf", "npy", "npz")
# Folders of plugins/kernels whose operators are alike.
GROUPS = {
    "elementwise": "add_n bucketize cast complex elementwise erf half",
    "quantised_elementwise": "fake_quant numeric_verify quantize quantized_binary quantized_unary",
    "reductions": "quantized_reduce reduce segment topk",
    "normalisations": "l2_normalization lrn quantized_softmax softmax",
    "products": "batch_matmul blockwise fully_connected hadamard hybrid quantized_dense",
    "convolutions": "conv conv3d depthwise quantized_conv transpose_conv transpose_conv_bias",
    "windows": "argmax_pool dilate pool quantized_pool reduce_window",
    "images": "detection nms quantized_resize resize space_depth",
    "movers": "concat dynamic_update_slice gather matrix_diag pad reshape reverse shape slice split transpose",
    "recurrent": "gru lstm lstm_basic lstm_integer rnn svdf",
    "tables": "embedding hashtable lsh random rng_bits skip_gram sparse sparse_to_dense",
    "signals": "fft mfcc spectrogram",
    "stablehlo": "stablehlo stablehlo_gather stablehlo_pad stablehlo_scatter",
}
# Short stacks of allocations and a small quarantine halve the time of an execution.
SANITIZERS = {"ASAN_OPTIONS": "malloc_context_size=0:quarantine_size_mb=2:thread_local_quarantine_size_kb=64:detect_stack_use_after_return=0"}
FLAGS = ["-entropic=0", "-reload=0", "-rss_limit_mb=2048", "-timeout=60", "-detect_leaks=0", "-print_final_stats=1", "-verbosity=1"]


def program(build, name):
    return os.path.join(build, "tests", "fuzz", name + "_fuzz")


def check_groups(build):
    """Every family is in one group."""
    known = subprocess.run([program(build, "operator")], capture_output=True, text=True, check=False).stderr.split("--family=")[-1].split()
    grouped = " ".join(GROUPS.values()).split()
    if sorted(known) != sorted(grouped):
        raise SystemExit(f"GROUPS in campaign.py is not the families of kernels: {sorted(set(known) ^ set(grouped))}")


def gather_seeds(target, folder):
    """The committed inputs; those of a family get the byte that chooses it in front."""
    corpus = os.path.join(HERE, "corpus")
    sources = [(os.path.join(corpus, "tflite" if target == "verify" else target), b"")]
    if target in GROUPS:
        sources = [(os.path.join(corpus, "operator", family), bytes([i])) for i, family in enumerate(GROUPS[target].split())]
    for source, first in sources:
        for name in os.listdir(source) if os.path.isdir(source) else []:
            with open(os.path.join(source, name), "rb") as seed, open(os.path.join(folder, f"{os.path.basename(source)}_{name}"), "wb") as copy:
                copy.write(first + seed.read())


def command_of(target, arguments):
    folder = os.path.join(arguments.corpus, target)
    os.makedirs(folder, exist_ok=True)
    gather_seeds(target, folder)
    command = [program(arguments.build, "operator"), "--family=" + GROUPS[target].replace(" ", ","), "--templates=" + os.path.join(HERE, "templates")] if target in GROUPS else [program(arguments.build, target)]
    # Operators' inputs are read as choices, which fit in a hundred bytes and contents; parsers' are files.
    return [*command, *FLAGS, f"-max_len={1024 if target in GROUPS else 16384}", f"-artifact_prefix={arguments.found}/{target}-", folder]


def run_chunk(target, command, runs):
    """(executions, whether it stopped at an input)"""
    with tempfile.TemporaryFile() as log:
        ended = subprocess.run([*command, f"-runs={runs}"], env=os.environ | SANITIZERS, stdout=log, stderr=log, check=False)
        log.seek(0)
        text = log.read().decode("utf-8", "replace")
    executed = re.findall(r"number_of_executed_units: (\d+)", text) or re.findall(r"^#(\d+)\s", text, re.MULTILINE)
    if ended.returncode:
        print(f"{target}: {re.findall(r'^SUMMARY: .*|.*broken promise.*', text, re.MULTILINE)[-1:]}", flush=True)
    return int(executed[-1]) if executed else 0, ended.returncode != 0


def run(target, left, record, arguments):
    command, found = command_of(target, arguments), 0
    while left > 0 and found < 20:
        start = time.monotonic()
        done, stopped = run_chunk(target, command, min(left, CHUNK))
        if done == 0:
            break
        left -= done
        found += stopped
        record(target, done, round(time.monotonic() - start), int(stopped))
    print(f"{target}: {'done' if left <= 0 else 'given up'}, {found} findings", flush=True)
    return found if left <= 0 else found + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--runs", type=int, default=10_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--corpus", default=os.path.join(tempfile.gettempdir(), "fuzz_corpus"))
    parser.add_argument("--found", default=os.path.join(tempfile.gettempdir(), "fuzz_found"))
    parser.add_argument("--csv", default="fuzz.csv")
    arguments = parser.parse_intermixed_args()
    check_groups(arguments.build)
    os.makedirs(arguments.found, exist_ok=True)
    before = collections.Counter()
    if os.path.exists(arguments.csv):
        with open(arguments.csv, newline="", encoding="utf-8") as file:
            for target, executions, _, _ in csv.reader(file):
                before[target] += int(executions)
    with open(arguments.csv, "a", newline="", encoding="utf-8") as file, concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        def record(*row):
            csv.writer(file).writerow(row)
            file.flush()

        ended = [pool.submit(run, target, arguments.runs - before[target], record, arguments) for target in arguments.targets or [*PARSERS, *GROUPS]]
        return 1 if sum(future.result() for future in ended) else 0


if __name__ == "__main__":
    sys.exit(main())
