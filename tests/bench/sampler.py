"""Runs a script and samples where its main thread spends processor time: `-m tests.bench.sampler OUT SCRIPT …`

Unlike cProfile it costs next to nothing per call, so that small functions are not shown larger than they are. Time in
built-in functions is charged to the Python function that called them, or to the first that they enter. SIGUSR1 starts
anew, so that starting up is left out. OUT gets JSON: {"file:line name": seconds}.
"""

import json
import runpy
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

INTERVAL = 0.002  # seconds of the process's processor time

spent: defaultdict[str, float] = defaultdict(float)
seen = 0.0


def sample(_: int, frame: FrameType | None) -> None:
    """Charge the main thread's time since the last sample to the function that it is in."""
    global seen  # noqa: PLW0603 (a handler has nobody to hold its state)
    now = time.thread_time()
    if frame is not None:
        code = frame.f_code
        spent[f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}"] += now - seen
    seen = now


def forget(_: int, __: FrameType | None) -> None:
    """Start anew."""
    spent.clear()


def main() -> None:
    """Sample the script to its end, however it ends."""
    out, sys.argv = Path(sys.argv[1]), sys.argv[2:]
    sys.path.insert(0, str(Path(sys.argv[0]).resolve().parent))
    signal.signal(signal.SIGPROF, sample)
    signal.signal(signal.SIGUSR1, forget)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.write_text(json.dumps(spent))


if __name__ == "__main__":
    main()
