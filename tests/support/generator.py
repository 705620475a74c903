"""Runs a script that writes models into a folder, in a process of its own: the judges stay free of TensorFlow."""

import fnmatch
import os
import subprocess
import sys


def run(script, folder, *arguments, log="build.log"):
    """(exit code, what it complains of). TensorFlow's chatter goes to FOLDER/log. An exit code other than 0 without a complaint is one, with the
    last line of the log: else a script that cannot even import its table would look like one that has nothing to do."""
    os.makedirs(folder, exist_ok=True)
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    with open(os.path.join(folder, log), "ab+") as errors:
        begin = errors.seek(0, os.SEEK_END)
        done = subprocess.run([sys.executable, script, folder, *arguments], env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
        errors.seek(begin)
        said = errors.read().decode(errors="replace").strip().splitlines()
    complaints = done.stdout.splitlines()
    if done.returncode not in (0, 1) or done.returncode and not complaints:
        complaints.append(f"{os.path.basename(script)} ended with exit code {done.returncode}: {said[-1] if said else 'no words'}")
    return done.returncode, complaints


def unmatched(patterns, names):
    """Complaints of patterns that choose nothing."""
    return [f"no case is called {pattern}" for pattern in patterns if not any(fnmatch.fnmatch(name, pattern) for name in names)]
