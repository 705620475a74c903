#!/usr/bin/env python3
"""Op-level parity: each row of op_cases/ is traced with a static and an unknown batch, converted, and judged as in parity.py.

    op_parity.py [PATTERN...] [--models DIR] [--peer-file] [--json FILE] [--no-make]

A model that TFLiteConverter cannot convert and that tflower refuses with exit code 1 counts as refused, not as failed.
Prints what did not pass, then failures by check, refusals, and "N passed, N failed" (models). The program is $TFLOWER, else the release build's.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import itertools
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from support import generator, known_gaps, tflower_cli  # noqa: E402


GAPS = known_gaps.read()
MAX_CRASHES = 40
SHARES = 2  # generators, and then judges, side by side


def generate(folder, patterns):
    """Makes the models; returns complaints."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate_ops.py")
    def fill(share):
        complaints = []
        for _ in range(MAX_CRASHES):  # of TFLiteConverter, whose model is left out the next time
            code, complaints = generator.run(script, folder, str(share), str(SHARES), *patterns, log=f"build{share}.log")
            if code >= 0:
                break
        return complaints
    with concurrent.futures.ThreadPoolExecutor(SHARES) as pool:
        return list(dict.fromkeys(line for lines in pool.map(fill, range(SHARES)) for line in lines))


def names_in(folder, patterns):
    names = sorted(os.path.basename(path)[:-5] for path in glob.glob(f"{folder}/*.json"))
    return [n for n in names if not patterns or any(fnmatch.fnmatch(n[:-2], p) for p in patterns)]


def judge(name, arguments):
    """{"model", "status": passed | failed | refused | gap, "check", "error"}."""
    with tempfile.TemporaryDirectory() as scratch:
        return judge_in(name, arguments, scratch)


def judge_in(name, arguments, scratch):
    about = checks.load_about(arguments.models, name)
    peer_file = f"{arguments.models}/{name}.tfl.tflite"
    tflite = peer_file if arguments.peer_file else f"{scratch}/model.tflite"
    if arguments.peer_file and not os.path.exists(peer_file):
        return {"model": name, "status": "refused", "check": "convert", "error": "TFLiteConverter refused"}
    subject = checks.Subject(arguments.models, about, tflite, scratch, tflower=not arguments.peer_file)
    gap = None
    for check, error in checks.judge(subject):
        reason = None if arguments.peer_file else GAPS.get((name, check))
        if reason and not error:
            return {"model": name, "status": "failed", "check": check, "error": "is listed in known_gaps.csv, but passes"}
        if reason:
            gap = {"model": name, "status": "gap", "check": check, "error": f"{reason} ({error})"}
        elif error:
            both = check == "convert" and error.startswith("exit code 1:") and not subject.peer
            return {"model": name, "status": "refused" if both else "failed", "check": check, "error": error}
    return gap or {"model": name, "status": "passed", "check": "", "error": ""}


def judge_all(names, arguments):
    """Judges each model in one of several processes; prints a row for each that did not pass, as it comes."""
    results = []
    with concurrent.futures.ProcessPoolExecutor(SHARES) as pool:
        for result in pool.map(judge, names, itertools.repeat(arguments), chunksize=8):
            results.append(result)
            if result["status"] != "passed":
                print(f"{result['status']:8} {result['check']:10} {result['model']:36} {result['error'][:400]}", flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--models", default=os.path.join(tflower_cli.ROOT, "build", "op_zoo"))
    parser.add_argument("--peer-file", action="store_true", help="judge TFLiteConverter's files instead")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--no-make", action="store_true", help="judge what DIR holds")
    arguments = parser.parse_intermixed_args()
    if not arguments.peer_file:
        tflower_cli.binary()
    complaints = [] if arguments.no_make else generate(arguments.models, arguments.patterns)
    names = names_in(arguments.models, arguments.patterns)
    complaints = complaints or generator.unmatched(arguments.patterns or ["*"], [name[:-2] for name in names])
    results = [{"model": "generator", "status": "failed", "check": "make", "error": text} for text in complaints]
    print("\n".join(complaints), end="\n" if complaints else "")
    results += judge_all(names, arguments)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=1)
    checks_failed = collections.Counter(r["check"] for r in results if r["status"] == "failed")
    print("failures by check: " + (", ".join(f"{c} {n}" for c, n in sorted(checks_failed.items())) or "none"))
    count = {s: sum(r["status"] == s for r in results) for s in ("passed", "failed", "refused", "gap")}
    print(f"{count['gap']} known gaps")
    print(f"{count['refused']} refused as TFLiteConverter refuses them")
    print(f"{count['passed']} passed, {count['failed']} failed")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
