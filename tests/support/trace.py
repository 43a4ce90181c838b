"""System calls of a process, by strace: a trace to read, or a fault at the n-th call of a kind.

A trace orders what happened: the line of a call stands where it was entered, for one that took longer a second line
(`resumed`) where it returned. So "B was entered after A had returned" can be read off.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg")
SYNCS = ("fdatasync", "fsync")
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)", re.DOTALL)
_CALL = re.compile(r"(?P<name>\w+)\((?P<rest>.*)", re.DOTALL)
_FILE = re.compile(r"-?\d+<(?P<path>[^>]*)>")
_FAILED = re.compile(r"\) += -1 E\w+ \([^)]*\)( \(INJECTED\))?$")
_UNFINISHED = " <unfinished ...>"


@dataclass
class Call:
    """One call. `begun` and `ended` are line numbers; a call that never returned has `ended` None."""

    pid: int
    name: str
    text: str  # arguments and result, as printed
    begun: int
    ended: int | None = None

    @property
    def path(self) -> str:
        """The file (or `socket:[…]`) that its first argument, a descriptor, stands for; "" if it is none."""
        match = _FILE.match(self.text)
        return match["path"] if match else ""

    @property
    def ok(self) -> bool:
        """Did it return without an error?"""
        return self.ended is not None and not _FAILED.search(self.text)


def traced(output: Path, calls: Iterable[str]) -> list[str]:
    """The words to put before a command, so that its calls of these names are written to `output`."""
    # Only the calls named here stop the process: the rest runs at full speed.
    return [*_strace(calls), "--seccomp-bpf", "-y", "-s", "1000000", "-o", str(output)]


def killed_at(call: str, number: int) -> list[str]:
    """The words to put before a command, so that a thread dies by SIGKILL (with all) on its n-th call of a name."""
    # Without --seccomp-bpf: with it strace 6.1 injects no signals.
    return [*_strace([call]), "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=SIGKILL:when={number}"]


def failing_at(call: str, number: int, error: str = "EIO") -> list[str]:
    """The words to put before a command, so that the n-th call of a name fails in each thread, without being made."""
    return [*_strace([call]), "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={number}"]


def _strace(calls: Iterable[str]) -> list[str]:
    return ["strace", "-f", "-e", f"trace={','.join(calls)}", "-e", "signal=none"]


def read_trace(text: str) -> list[Call]:
    """The calls of a trace, in the order in which they were entered."""
    calls: list[Call] = []
    open_calls: dict[tuple[int, str], Call] = {}
    for number, line in enumerate(text.splitlines()):
        match = _LINE.match(line)
        if match is None:
            continue
        pid, rest = int(match["pid"]), match["rest"]
        if resumed := _RESUMED.match(rest):
            call = open_calls.pop((pid, resumed["name"]), None)
            if call is not None:
                call.text += resumed["rest"]
                call.ended = number
        elif started := _CALL.match(rest):
            calls.append(call := Call(pid, started["name"], started["rest"], number, number))
            if call.text.endswith(_UNFINISHED):
                call.text = call.text.removesuffix(_UNFINISHED)
                call.ended = None
                open_calls[pid, call.name] = call
    return calls


def uncovered_answers(calls: list[Call], marks: Mapping[str, str], chunks: str) -> list[str]:
    """Answers that were given too soon: `marks` maps what an answer says to what its task's bytes hold.

    An answer is covered if its task's bytes were written to a file whose path holds `chunks`, and a sync of that file
    was entered after that write had returned, and returned before the answer was written to its socket.
    """
    answers = [call for call in calls if call.name in WRITES and "HTTP/1.1 202" in call.text]
    writes = [call for call in calls if call.name in WRITES and chunks in call.path]
    syncs = [call for call in calls if call.name in SYNCS and chunks in call.path and call.ok]
    faults = []
    for said, mark in marks.items():
        given = next((call for call in answers if said in call.text), None)
        if given is None:
            faults.append(f"{said}: no answer in the trace")
        elif not any(_covers(sync, write, given) for write in writes if mark in write.text for sync in syncs):
            faults.append(f"{said}: answered before its bytes were synced")
    return faults


def _covers(sync: Call, write: Call, answer: Call) -> bool:
    return (
        sync.path == write.path
        and write.ended is not None
        and write.ended < sync.begun
        and sync.ended is not None
        and sync.ended < answer.begun
    )


def named(calls: Iterable[Call], names: Iterable[str], within: str) -> Iterator[Call]:
    """The calls of these names on files whose path holds `within`."""
    wanted = frozenset(names)
    return (call for call in calls if call.name in wanted and within in call.path)
