"""Opening a journal: what its chunks hold is found by reading them; nothing else is believed.

Chunks that the store has imported wholly are not read, but for their headers. In the others every frame is verified and
its number accounted for (`account`). Damage is copied to `damaged/`, a torn tail is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from okydrom.errors import DataUnusable
from okydrom.intake.account import Account, Damage, Gap, Source
from okydrom.intake.chunk import Chunk, chunk_numbers
from okydrom.intake.files import FULL, Files, replace
from okydrom.intake.frames import Burnt, Kind, seed_of, unpack_burnt
from okydrom.intake.scan import Frame, Hole, read_header, scan

HEADER_ROOM = 4_096  # bytes; more than a header takes
DAMAGED = "damaged"


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """What opening found, in numbers and bytes. All but `next` and `frames` are zero or empty when all is well."""

    next: int  # the number that the next frame gets
    frames: int  # to replay
    torn: int  # bytes of a last group that was being written when the power went
    damaged: int  # bytes that were synced once and are no frames now: copied to `damaged/`
    gaps: tuple[Gap, ...]  # numbers above the store's position that are lost
    unknown: int  # frames of kinds that only a later version knows: skipped
    strays: int  # frames whose number was there before: skipped


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal holds."""

    recovery: Recovery
    durable: int  # the last number that is on disk or imported; those from it to `recovery.next` were refused
    chunks: tuple[Chunk, ...]  # that hold frames
    empty: tuple[Path, ...]  # that do not
    sources: tuple[Source, ...]  # to replay, in order
    head: int  # the number of the chunk to open


def survey(
    files: Files, directory: Path, instance: str, position: int, *, fresh: bool, expected: int
) -> Survey:
    """Read what is there and mend its end. `expected`: a chunk of this number must be there; -1: none must.

    Raises DataUnusable if it belongs to another store or was written by a later version; OSError.
    """
    numbers = chunk_numbers(files, directory)
    sources, foreign = _sources(files, directory, numbers, instance, fresh)
    begin = _begin(sources, position)
    account = Account(position)
    chunks = [_chunk(files, source, position) for source in sources[:begin]]
    empty, used, frames = foreign, [], 0
    for source in sources[begin:]:
        frames += sum(1 for _ in walk(files, [source], seed_of(instance), account))
        if account.offset == source.start:
            empty.append(source.path)
        else:
            used.append(source)
            chunks.append(_chunk(files, source, account.last))
    account.end(lost_head=expected > max(numbers, default=-1) or (position > 0 and not sources))
    for found in account.damage:
        _set_aside(files, directory, found)
    if sources:
        _cut(files, sources[-1].path, account.offset)
    durable = max(account.last, position)
    return Survey(
        recovery=_recovery(account, max(durable, account.highest) + 1, frames),
        durable=durable,
        chunks=tuple(chunks),
        empty=tuple(empty),
        sources=tuple(used),
        head=max([*numbers, expected, 0]) + 1,
    )


def walk(files: Files, sources: Sequence[Source], seed: int, account: Account) -> Iterator[Frame]:
    """The frames to replay, in order; all that is read is accounted for. One chunk at a time is in memory."""
    for source in sources:
        account.begin(source)
        for item in scan(files.read(source.path), seed, source.start):
            if isinstance(item, Hole):
                account.miss(item)
            elif account.take(item):
                yield item


def _begin(sources: Sequence[Source], position: int) -> int:
    """Which chunk is the first that may hold a number beyond `position`: all before are imported wholly."""
    firsts = [source.first or 0 for source in sources]
    imported = [first for first in firsts if first <= position + 1]
    return firsts.index(max(imported)) if imported else 0


def _sources(
    files: Files, directory: Path, numbers: Sequence[int], instance: str, fresh: bool
) -> tuple[list[Source], list[Path]]:
    """Our chunks, with what later ones say about them; and those of another store, which hold nothing."""
    ours: list[Source] = []
    foreign: list[Path] = []
    refused: tuple[Burnt, ...] = ()
    for number in reversed(numbers):
        path = directory / f"q{number:05}"
        data = files.read(path, HEADER_ROOM)
        header = read_header(data)
        first, start = (header[0], header[2]) if header else (None, 0)
        if fresh or (header and header[1].instance != instance):
            _check_unused(files, path, first, start, fresh)
            foreign.append(path)
            continue
        ours.append(Source(path, number, first, start, refused))
        opening = next(scan(data, seed_of(instance), start), None) if header else None
        if isinstance(opening, Frame) and opening.kind is Kind.BURNT:
            refused = (unpack_burnt(opening.payload), *refused)
    return ours[::-1], foreign


def _check_unused(files: Files, path: Path, first: int | None, start: int, fresh: bool) -> None:
    if (first or 1) == 1 and not files.read(path)[start:].strip(b"\0"):
        return
    if fresh:
        raise DataUnusable(
            f"The journal in {path.parent} holds tasks, but the store's file is missing. Put the store's file or a "
            "backup of it back; to start anew without them, move the journal's directory away.",
            path=str(path),
        )
    raise DataUnusable(
        f"The journal in {path.parent} belongs to another store. Put the two that belong together back in place.",
        path=str(path),
    )


def _chunk(files: Files, source: Source, last: int) -> Chunk:
    size, changed = files.stat(source.path)
    return Chunk(source.number, source.path, size, last, changed)


def _recovery(account: Account, following: int, frames: int) -> Recovery:
    return Recovery(
        next=following,
        frames=frames,
        torn=_bytes(account.torn),
        damaged=_bytes(account.damage),
        gaps=tuple(account.gaps),
        unknown=account.unknown,
        strays=account.strays,
    )


def _bytes(found: Sequence[Damage]) -> int:
    return sum(damage.hole.end - damage.hole.start for damage in found)


def _set_aside(files: Files, directory: Path, found: Damage) -> None:
    """Copy damage to a file of its own, named by chunk and offset; without space it just stays where it is."""
    place = directory.parent / DAMAGED
    hole = found.hole
    try:
        files.make_directory(place)
        name = f"{found.path.name}-{hole.start}"
        replace(files, place / name, files.read(found.path)[hole.start : hole.end])
    except OSError as error:
        if error.errno not in FULL:
            raise


def _cut(files: Files, path: Path, offset: int) -> None:
    """Drop what follows the last chunk's frames, and make sure that what was read of it is on stable storage."""
    fd = files.open(path)
    try:
        if files.stat(path)[0] > offset:
            files.truncate(fd, offset)
        files.sync(fd)
    except OSError as error:
        if error.errno not in FULL:
            raise
    finally:
        files.close(fd)
