"""Runs a command from a small process of its own and writes its exit code, seconds and peak memory as JSON.

    python -S -E measured_call.py REPORT.json TIMEOUT_S COMMAND...

Why not from the test itself: a child's ru_maxrss starts at its parent's peak, and a test with numpy and LiteRT loaded
is larger than what it measures. This process needs about 10 MB, so that is the least it can report.
"""

import json
import os
import signal
import sys
import time


def main():
    report, timeout_s, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    with open(report, "w") as file:
        json.dump({"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak_rss_kb": usage.ru_maxrss,
                   "cpu_seconds": usage.ru_utime + usage.ru_stime}, file)


if __name__ == "__main__":
    main()
