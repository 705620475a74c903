"""Calls the tflower program; measures what a call costs."""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def binary():
    """The program under test: $TFLOWER, else where the release build puts it."""
    path = os.environ.get("TFLOWER") or os.path.join(ROOT, "build", "release", "bin", "tflower")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"no tflower program at {path}: build it, or set TFLOWER")
    return path


@dataclasses.dataclass(frozen=True)
class Result:
    code: int
    stdout: str
    stderr: str
    seconds: float = 0.0      # these three only from `measured`
    peak_rss_kb: int = 0
    cpu_seconds: float = 0.0

    def last_line(self):
        lines = self.stderr.strip().splitlines()
        return lines[-1] if lines else ""

    def error(self):
        """None when the call succeeded, else its exit code and the end of its log."""
        return None if self.code == 0 else f"exit code {self.code}: " + " | ".join(self.stderr.strip().splitlines()[-12:])


def measured(command, timeout_s=300, env=None):
    """Runs `command`; wall and CPU seconds of it alone, its peak resident memory."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        helper = [sys.executable, "-S", "-E", os.path.join(os.path.dirname(__file__), "measured_call.py")]
        done = subprocess.run([*helper, report.name, str(timeout_s), *map(str, command)], capture_output=True, env=env)
        text = report.read()
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if not text:
        raise RuntimeError(f"could not start {command[0]}: {err}")
    return Result(stdout=out, stderr=err, **json.loads(text))


def call(*arguments, timeout_s=300):
    """One call whose cost does not matter: without the measuring helper it is quicker."""
    command = [binary(), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return Result(-9, "", f"no end after {timeout_s} s")
    return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def convert(source, destination, *arguments):
    return call("convert", source, "-o", destination, "-q", *arguments)


def run(model, inputs, outputs, *arguments):
    """`tflower run`; returns (Result, {name: array}) with no arrays when it failed."""
    result = call("run", model, "--inputs", inputs, "--outputs", outputs, *arguments)
    if result.code:
        return result, {}
    with np.load(outputs) as arrays:
        return result, dict(arrays)


def inspect(model):
    result = call("inspect", model, "--json")
    if result.code:
        raise RuntimeError(result.error())
    return json.loads(result.stdout)
