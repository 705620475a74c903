#!/usr/bin/env python3
"""Parity suite: models made by live TensorFlow are converted by tflower and judged against TensorFlow and TFLiteConverter.

    parity.py [PATTERN...] [--full] [--models DIR] [--peer-file] [--keep DIR] [--json FILE]

Without PATTERN the small models and a few of the networks run; --full takes all. Each model is converted with defaults and checked
(checks.py): outputs in LiteRT and in `tflower run`, operators, signatures and shapes, `inspect`. The program is $TFLOWER, else the release
build's. --peer-file judges TFLiteConverter's files instead, which tests the suite itself. The last line is "N passed, N failed".
"""

import argparse
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from models import catalogue, zoo  # noqa: E402
from support import known_gaps, tflower_cli  # noqa: E402

FAST_NETWORKS = ("mobilenetv2", "mobilenetv3small", "transformer4", "unet_b1")


def chosen(arguments):
    if arguments.patterns:
        return zoo.select(arguments.patterns)
    return [n for n, entry in catalogue.MODELS.items() if arguments.full or not entry.big or n in FAST_NETWORKS]


GAPS = known_gaps.read()


def _without_known_gap(name, check, error):
    """The result of a check; None for a known gap, which is printed; a failure for one that no longer fails."""
    reason = GAPS.get((name, check))
    if reason and error:
        print(f"gap  {name}: {check}: {reason} ({error[:300]})", flush=True)
        return None
    return check, "is listed in known_gaps.csv, but passes" if reason else error


def judge_model(name, arguments, scratch):
    """[(check, None or error)] of one model; prints its line."""
    about = checks.load_about(arguments.models, name)
    own = f"{arguments.keep or scratch}/{name}.tflite"
    tflite = f"{arguments.models}/{name}.tfl.tflite" if arguments.peer_file else own
    if arguments.peer_file and not os.path.exists(tflite):
        return []
    subject = checks.Subject(arguments.models, about, tflite, scratch, tflower=not arguments.peer_file)
    results = list(checks.judge(subject))
    if not arguments.peer_file:
        results = [r for r in (_without_known_gap(name, check, error) for check, error in results) if r]
    bad = [(check, error) for check, error in results if error]
    for check, error in bad:
        print(f"FAIL {name}: {check}: {error[:1500]}", flush=True)
    if not bad:
        print(f"ok   {name}: {', '.join(check for check, _ in results)}{_operator_note(subject)}", flush=True)
    if not arguments.keep and os.path.exists(own):
        os.remove(own)
    return results


def _operator_note(subject):
    if subject.about["fails"] is not None or not subject.peer:
        return ""
    return f" ({subject.model.op_total()} operators, TFLiteConverter {subject.peer.op_total()})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--models", default=os.path.join(tflower_cli.ROOT, "build", "zoo"))
    parser.add_argument("--peer-file", action="store_true")
    parser.add_argument("--keep", metavar="DIR", help="leave the converted files here")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_intermixed_args()
    if not arguments.peer_file:
        tflower_cli.binary()
    if arguments.keep:
        os.makedirs(arguments.keep, exist_ok=True)
    names = chosen(arguments)
    unmade = zoo.make(names, arguments.models, peer=True)
    results = [(name, "make", "the model could not be made") for name in unmade]
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            if name not in unmade:
                results += [(name, check, error) for check, error in judge_model(name, arguments, scratch)]
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump([{"model": m, "check": c, "error": e} for m, c, e in results], file, indent=1)
    failed = sum(1 for _, _, error in results if error)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
