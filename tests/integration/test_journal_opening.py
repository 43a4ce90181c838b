"""Opening: what a journal believes, and what it says of what it can't."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from okydrom.errors import DataUnusable
from okydrom.intake.account import Gap
from okydrom.intake.frames import VERSION, Kind, encode, pack_burnt, seed_of
from okydrom.intake.opening import Recovery
from tests.support.journals import INSTANCE, chunks, journal_in, live, look, payloads, singly

SENT = payloads(30)
EXPECTED = dict(enumerate(SENT, 1))


def well(recovery: Recovery) -> bool:
    """Nothing is torn, damaged, missing or odd."""
    return not (recovery.torn or recovery.damaged or recovery.gaps or recovery.unknown or recovery.strays)


def frame_at(content: bytes | bytearray, number: int) -> tuple[int, int]:
    """Where the frame of one of SENT begins and ends."""
    start = content.index(SENT[number - 1]) - 24
    return start, start + 24 + len(SENT[number - 1])


def clear(directory: Path) -> None:
    """Remove every file."""
    for path in [*(directory / "journal").iterdir(), *(directory / "damaged").glob("*")]:
        path.unlink()


# --- a torn end -----------------------------------------------------------------------------------------------------


def test_cut_at_any_byte_of_the_last_record_loses_that_record_alone(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:3]), fresh=True)
    (chunk,) = chunks(tmp_path)
    content = chunk.read_bytes()
    start, end = frame_at(content, 3)
    assert end == len(content)
    for cut in range(start, end):
        clear(tmp_path)
        chunk.write_bytes(content[:cut])
        recovery, found = look(tmp_path)
        assert found == {1: SENT[0], 2: SENT[1]}
        assert (recovery.torn, recovery.damaged, recovery.gaps, recovery.next) == (
            len(content[start:cut].rstrip(b"\0")),
            0,
            (),
            3,
        )
        assert chunk.stat().st_size == start


def test_junk_at_the_end_is_cut_and_counted(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT), fresh=True, chunk_size=1 << 20)
    (chunk,) = chunks(tmp_path)
    content = chunk.read_bytes()
    chunk.write_bytes(content + b"\xabOKYjunk" * 10 + bytes(500))
    recovery, found = look(tmp_path)
    assert (found, recovery.torn, recovery.damaged) == (EXPECTED, 80, 0)
    assert chunk.read_bytes() == content
    assert well(look(tmp_path)[0])


def test_what_the_last_group_lost_was_never_answered(tmp_path: Path) -> None:
    live(tmp_path, [SENT[:10], SENT[10:]], fresh=True, chunk_size=1 << 20)
    (chunk,) = chunks(tmp_path)
    content = bytearray(chunk.read_bytes())
    start, end = frame_at(content, 15)[0], frame_at(content, 17)[1]
    content[start:end] = bytes(end - start)
    chunk.write_bytes(content)
    recovery, found = look(tmp_path)
    assert (recovery.torn, recovery.damaged, recovery.gaps) == (end - start, 0, ())
    assert found == {number: data for number, data in EXPECTED.items() if not 15 <= number <= 17}


# --- damage ---------------------------------------------------------------------------------------------------------


def test_a_bad_byte_anywhere_in_a_record_loses_that_record_at_most_and_is_reported(
    tmp_path: Path,
) -> None:
    live(tmp_path, singly(SENT[:5]), fresh=True)
    (chunk,) = chunks(tmp_path)
    content = chunk.read_bytes()
    start, end = frame_at(content, 3)
    others = {number: data for number, data in EXPECTED.items() if number in (1, 2, 4, 5)}
    for offset in range(start, end):
        clear(tmp_path)
        bad = bytearray(content)
        bad[offset] ^= 0x10
        chunk.write_bytes(bad)
        recovery, found = look(tmp_path)
        assert found == others
        assert (recovery.damaged, recovery.gaps, recovery.torn) == (end - start, (Gap(3, 3),), 0)
        assert (tmp_path / "damaged" / f"q00001-{start}").read_bytes() == bad[start:end]
        assert chunk.read_bytes() == bad


def test_a_bad_header_costs_no_record(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:3]), fresh=True)
    (chunk,) = chunks(tmp_path)
    content = chunk.read_bytes()
    start = frame_at(content, 1)[0]
    chunk.write_bytes(b"\0" * 10 + content[10:])
    recovery, found = look(tmp_path)
    assert (len(found), recovery.damaged, recovery.gaps) == (3, start, ())


def test_a_chunk_without_anything_readable_is_never_cut(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:3]), fresh=True)
    (chunk,) = chunks(tmp_path)
    garbage = b"x" * chunk.stat().st_size
    chunk.write_bytes(garbage)
    recovery, found = look(tmp_path)
    assert (found, recovery.damaged) == ({}, len(garbage))
    assert chunk.read_bytes() == garbage


def test_what_the_store_has_can_be_damaged_without_a_gap(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:5]), fresh=True)
    (chunk,) = chunks(tmp_path)
    chunk.write_bytes(chunk.read_bytes().replace(SENT[1], b"x" * len(SENT[1])))
    recovery, found = look(tmp_path, position=3)
    assert (set(found), recovery.gaps) == ({4, 5}, ())
    assert recovery.damaged > 0


def test_a_bad_end_of_what_the_store_has_is_damage_not_torn(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:5]), fresh=True)
    (chunk,) = chunks(tmp_path)
    chunk.write_bytes(chunk.read_bytes()[:-1])
    recovery, _ = look(tmp_path, position=5)
    assert (recovery.torn, recovery.gaps, recovery.next) == (0, (), 6)
    assert recovery.damaged > 0


@pytest.mark.parametrize(("which", "gap"), [(0, (1, 5)), (1, (6, 10)), (2, (11, 15)), (3, (16, None))])
def test_a_missing_chunk_is_reported_as_a_gap(
    tmp_path: Path, which: int, gap: tuple[int, int | None]
) -> None:
    live(tmp_path, [SENT[start : start + 5] for start in range(0, 20, 5)], fresh=True, chunk_size=600)
    assert len(chunks(tmp_path)) == 4
    chunks(tmp_path)[which].unlink()
    recovery, found = look(tmp_path)
    lost = range(which * 5 + 1, which * 5 + 6)
    assert recovery.gaps == (Gap(*gap),)
    assert found == {number: EXPECTED[number] for number in range(1, 21) if number not in lost}


def test_a_chunk_the_store_has_imported_is_no_gap(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT), fresh=True, chunk_size=600)
    chunks(tmp_path)[0].unlink()
    recovery, found = look(tmp_path, position=10)
    assert well(recovery)
    assert len(found) == 20


def test_a_store_older_than_the_oldest_chunk_is_a_gap(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT), fresh=True, chunk_size=300, keep=0, keep_size=0, commit=20)
    assert look(tmp_path, position=4)[0].gaps == (Gap(5, 20),)


def test_a_journal_that_is_gone_beside_a_used_store_is_a_gap(tmp_path: Path) -> None:
    recovery, _ = look(tmp_path, position=7)
    assert (recovery.gaps, recovery.next) == ((Gap(8, None),), 8)


def test_a_missing_number_is_damage_and_a_burnt_one_is_not(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:2]), fresh=True)
    (chunk,) = chunks(tmp_path)
    seed = seed_of(INSTANCE)
    content = chunk.read_bytes()
    task = encode(Kind.ACCEPT | 0x80, 9, b"task", seed)
    chunk.write_bytes(content + task)
    assert look(tmp_path)[0].gaps == (Gap(3, 8),)
    burnt = encode(Kind.BURNT | 0x80, 8, pack_burnt(3, 7), seed)
    chunk.write_bytes(content + burnt + task)
    recovery, found = look(tmp_path)
    assert well(recovery)
    assert set(found) == {1, 2, 9}


@pytest.mark.parametrize("place", ["q00000", "q00099"])
@pytest.mark.parametrize("which", [0, 1, -1])
@pytest.mark.parametrize("position", [0, 4, 28])
def test_a_chunk_that_was_copied_does_no_harm(tmp_path: Path, place: str, which: int, position: int) -> None:
    live(tmp_path, singly(SENT), fresh=True, chunk_size=600)
    copied = chunks(tmp_path)[which]
    copied.with_name(place).write_bytes(copied.read_bytes()[:-200])
    recovery, found = look(tmp_path, position=position)
    assert found == {number: data for number, data in EXPECTED.items() if number > position}
    assert (recovery.gaps, recovery.next) == ((), 31)


# --- info -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda info: info.unlink(),
        lambda info: info.write_bytes(b""),
        lambda info: info.write_bytes(bytes(100)),
        lambda info: info.write_bytes(info.read_bytes()[:-9]),
        lambda info: info.write_bytes(b"\x80\x04junk"),
        lambda info: info.write_bytes(b'{"chunksize":1,"size":0,"tail":[9,9,9],"head":[-1,0,0]}'),
        lambda info: info.write_bytes(b'{"chunksize":1,"size":0,"tail":[0,0,0],"head":[0,0,0]}'),
    ],
    ids=["missing", "empty", "nul", "torn", "pickle", "absurd", "stale"],
)
def test_info_is_a_hint_and_loses_nothing(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    live(tmp_path, singly(SENT), fresh=True, chunk_size=600)
    spoil(tmp_path / "journal" / "info")
    recovery, found = look(tmp_path)
    assert well(recovery)
    assert found == EXPECTED


# --- whose it is ----------------------------------------------------------------------------------------------------


def test_a_journal_of_another_store_is_refused(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:1]), fresh=True)
    with pytest.raises(DataUnusable, match="another store"):
        journal_in(tmp_path).open("somebody else", 0, False)


@pytest.mark.parametrize("imported", [False, True])
def test_a_new_store_beside_a_used_journal_is_refused(tmp_path: Path, imported: bool) -> None:
    live(
        tmp_path,
        singly(SENT[:2]),
        fresh=True,
        chunk_size=300,
        keep=0,
        keep_size=0,
        commit=2 if imported else 0,
    )
    before = {path: path.read_bytes() for path in chunks(tmp_path)}
    with pytest.raises(DataUnusable, match="store's file is missing"):
        journal_in(tmp_path).open("a new instance", 0, True)
    assert {path: path.read_bytes() for path in chunks(tmp_path)} == before


def test_a_new_store_beside_a_journal_that_was_never_used_is_fine(tmp_path: Path) -> None:
    live(tmp_path, [], fresh=True)
    journal = journal_in(tmp_path)
    assert well(journal.open("a new instance", 0, True))
    asyncio.run(journal.close())
    assert len(chunks(tmp_path)) == 1


def test_a_later_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:1]), fresh=True)
    (chunk,) = chunks(tmp_path)
    newer = encode(Kind.ACCEPT | 0x80, 2, b"?", seed_of(INSTANCE))
    newer = rewritten(newer, VERSION + 1)
    content = chunk.read_bytes() + newer
    chunk.write_bytes(content)
    with pytest.raises(DataUnusable, match="later version"):
        look(tmp_path)
    assert chunk.read_bytes() == content


def rewritten(frame: bytes, version: int) -> bytes:
    """The same frame as another version would have written it."""
    from_here = encode.__globals__["VERSION"]
    encode.__globals__["VERSION"] = version
    try:
        return encode(frame[5], int.from_bytes(frame[10:18], "little"), frame[24:], seed_of(INSTANCE))
    finally:
        encode.__globals__["VERSION"] = from_here


def test_kinds_of_a_later_version_are_skipped_and_reported(tmp_path: Path) -> None:
    live(tmp_path, singly(SENT[:1]), fresh=True)
    (chunk,) = chunks(tmp_path)
    later = encode(0x80 | 99, 2, b"?", seed_of(INSTANCE)) + encode(
        0x80 | Kind.ACCEPT, 3, SENT[2], seed_of(INSTANCE)
    )
    chunk.write_bytes(chunk.read_bytes() + later)
    recovery, found = look(tmp_path)
    assert (found, recovery.unknown, recovery.gaps, recovery.damaged) == ({1: SENT[0], 3: SENT[2]}, 1, (), 0)


def test_what_cannot_be_used_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file")
    with pytest.raises(DataUnusable, match=re.escape(str(tmp_path / "journal"))):
        look(tmp_path)
