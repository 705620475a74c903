"""Calls a function in a child process, so that a crash or an endless loop of what is tested fails one test only."""

import multiprocessing
import os
import signal
import tempfile
import traceback


class Failed(Exception):
    """The child raised, crashed or ran out of time; the text says which."""


def _child(pipe, log, function, arguments):
    os.dup2(log.fileno(), 2)
    try:
        pipe.send((True, function(*arguments)))
    except BaseException as error:  # reported to the parent, whatever it is
        pipe.send((False, traceback.format_exception_only(error)[-1].strip()))


def _tail(log):
    """What the child wrote to stderr last: LiteRT says there why it failed."""
    log.seek(0)
    lines = [line for line in log.read().decode(errors="replace").splitlines() if not line.startswith("INFO:")]
    return " [stderr: " + " | ".join(lines[-4:]) + "]" if lines else ""


def call(function, *arguments, timeout_s=120):
    """function(*arguments) from a forked child. Raises Failed."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    with tempfile.TemporaryFile() as log, here:
        child = context.Process(target=_child, args=(there, log, function, arguments))
        child.start()
        there.close()
        good, result = _answer(here, child, timeout_s)
        if not good:
            raise Failed(result + _tail(log))
        return result


def _answer(pipe, child, timeout_s):
    try:
        if pipe.poll(timeout_s):
            return pipe.recv()
        return False, f"no answer in {timeout_s} s"
    except EOFError:
        child.join()
        code = child.exitcode
        return False, f"crashed: {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"
    finally:
        child.join(5)
        child.kill()
        child.join()
