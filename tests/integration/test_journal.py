"""The journal in its normal life: order, groups, rotation, leaving, notes, stopping."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from okydrom.errors import JournalFailed, Stopping
from okydrom.intake import spare
from okydrom.intake.files import FILES
from okydrom.intake.frames import Kind
from okydrom.intake.journal import TURN, gone_by
from tests.support.faultyfs import Hooked, Trace
from tests.support.journals import INSTANCE, accept, chunks, fill, journal_in, look, payloads, running
from tests.support.wait import linger, wait_until

BOTH_LOOPS = True


async def test_what_was_accepted_is_found_again_in_order(tmp_path: Path) -> None:
    sent = payloads(50)
    async with running(tmp_path, fresh=True) as (journal, landed):
        numbers = await accept(journal, sent)
        assert landed == list(zip(numbers, sent, strict=True))
    recovery, found = look(tmp_path)
    assert numbers == list(range(1, 51))
    assert list(found.items()) == landed
    assert (recovery.next, recovery.torn, recovery.damaged, recovery.gaps) == (51, 0, 0, ())


async def test_replay_gives_what_is_beyond_the_position(tmp_path: Path) -> None:
    sent = payloads(100)
    await fill(tmp_path, sent, fresh=True)
    assert look(tmp_path, position=73)[1] == {number: sent[number - 1] for number in range(74, 101)}
    assert look(tmp_path, position=100)[1] == {}


async def test_tokens_land_before_those_who_wait_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True) as (journal, landed):
        future = journal.append(Kind.ACCEPT, b"payload", "token")
        order: list[Any] = []
        future.add_done_callback(lambda _: order.append(list(landed)))
        assert await future == 1
        assert order == [[(1, "token")]]


async def test_frames_of_one_turn_share_a_sync(tmp_path: Path) -> None:
    trace = Trace()
    async with running(tmp_path, Hooked(FILES, trace), fresh=True, chunk_size=1 << 19) as (journal, _):
        before = trace.count("datasync"), trace.count("write")
        await accept(journal, payloads(200))
        assert (trace.count("datasync") - before[0], trace.count("write") - before[1]) == (1, 1)
        assert (journal.stats.groups, journal.stats.frames) == (1, 200)
        assert journal.stats.percentile(1.0) >= journal.stats.last_sync > 0


async def test_while_one_group_syncs_the_next_one_gathers(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True, chunk_size=1 << 19) as (journal, _):
        first = journal.append(Kind.ACCEPT, b"first", None)
        while journal.stats.syncs == 0 and not first.done():
            later = [journal.append(Kind.ACCEPT, payload, None) for payload in payloads(3)]
            await linger(0)
        assert await asyncio.gather(first, *later)
        assert journal.stats.groups <= 3


async def test_each_sync_comes_before_its_answer_and_a_chunks_name_before_its_first(tmp_path: Path) -> None:
    trace = Trace()
    async with running(tmp_path, Hooked(FILES, trace), fresh=True, chunk_size=512) as (journal, _):
        for payload in payloads(20):
            await accept(journal, [payload])
            trace.done.append(("answer", ""))
    unsynced, unnamed = 0, 0
    for name, what in trace.done:
        if name == "create" and Path(what).name.startswith("q"):
            unnamed += 1
        elif name == "sync_directory":
            unnamed = 0
        elif name == "write":
            unsynced += 1
        elif name in ("datasync", "sync"):
            unsynced = 0
        elif name == "answer":
            assert not unnamed
    assert sum(1 for name, what in trace.done if name == "create" and "/q" in what) > 4


async def test_a_new_data_directory_has_its_name_synced(tmp_path: Path) -> None:
    trace = Trace()
    async with running(tmp_path, Hooked(FILES, trace), fresh=True):
        assert ("sync_directory", str(tmp_path)) in trace.done


async def test_numbers_go_on_after_a_restart_and_each_start_opens_a_chunk(tmp_path: Path) -> None:
    assert await fill(tmp_path, payloads(3), fresh=True) == [1, 2, 3]
    first = chunks(tmp_path)
    content = first[0].read_bytes()
    assert await fill(tmp_path, payloads(2)) == [4, 5]
    assert first[0].read_bytes() == content
    assert len(chunks(tmp_path)) == 2


async def test_starts_without_frames_leave_no_pile_of_chunks(tmp_path: Path) -> None:
    for _ in range(5):
        await fill(tmp_path, [], fresh=False)
    assert len(chunks(tmp_path)) == 1
    assert await fill(tmp_path, payloads(1)) == [1]


async def test_chunks_rotate_by_size_and_a_group_is_never_split(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True, chunk_size=1_000) as (journal, _):
        for _ in range(5):
            await accept(journal, payloads(3, 120))
        await accept(journal, payloads(30, 120))
        await accept(journal, payloads(1, 120))
    sizes = [path.stat().st_size for path in chunks(tmp_path)]
    assert sizes[-2] > 3_000
    assert all(size <= 1_000 for size in (*sizes[:-2], sizes[-1]))
    assert len(look(tmp_path, chunk_size=1_000)[1]) == 46


async def test_imported_chunks_leave_after_info_and_directory_are_synced(tmp_path: Path) -> None:
    trace = Trace()
    async with running(tmp_path, Hooked(FILES, trace), fresh=True, chunk_size=500, keep=0, keep_size=0) as (
        journal,
        _,
    ):
        for payload in payloads(20):
            await accept(journal, [payload])
        kept = chunks(tmp_path)
        trace.done.clear()
        await journal.commit(0)
        assert chunks(tmp_path) == kept
        await journal.commit(10)
        names = [name for name, what in trace.done if name != "unlink" or "/q" in what]
        gone = names.count("unlink")
        assert gone > 1
        assert names[-gone - 5 : -gone] == ["create", "write", "sync", "rename", "sync_directory"]
    assert len(chunks(tmp_path)) == len(kept) - gone
    assert look(tmp_path, position=10)[1].keys() == set(range(11, 21))


async def test_commits_that_free_no_chunk_touch_nothing(tmp_path: Path) -> None:
    trace = Trace()
    async with running(tmp_path, Hooked(FILES, trace), fresh=True, keep=0, keep_size=0) as (journal, _):
        await accept(journal, payloads(5))
        trace.done.clear()
        for position in range(6):
            await journal.commit(position)
        assert trace.done == []


@pytest.mark.parametrize(
    ("keep", "keep_size", "left"), [(500, 1 << 30, 0), (5_000, 1 << 30, 13), (5_000, 1_600, 8)]
)
async def test_imported_chunks_stay_for_a_while(tmp_path: Path, keep: int, keep_size: int, left: int) -> None:
    clock = [10_000]
    settings: dict[str, Any] = {
        "chunk_size": 300,
        "keep": keep,
        "keep_size": keep_size,
        "now": lambda: clock[0],
    }
    async with running(tmp_path, fresh=True, **settings) as (journal, _):
        for payload in payloads(14):
            await accept(journal, [payload])
        clock[0] += 1_000
        await journal.commit(14)
        assert len(chunks(tmp_path)) == left + 1


async def test_numbers_are_never_used_twice_even_when_all_chunks_are_gone(tmp_path: Path) -> None:
    await fill(tmp_path, payloads(5), fresh=True)
    for path in chunks(tmp_path):
        path.unlink()
    assert look(tmp_path, position=5)[0].next == 6
    assert await fill(tmp_path, payloads(1), position=5) == [6]
    assert await fill(tmp_path, payloads(1), position=900) == [901]
    recovery, found = look(tmp_path, position=900)
    assert (set(found), recovery.gaps, recovery.damaged) == ({901}, (), 0)


async def test_notes_go_with_the_next_group_or_alone_within_a_second(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True) as (journal, landed):
        journal.note(Kind.FINISHED, b"first")
        journal.note(Kind.ERASED, b"second")
        assert await accept(journal, [b"task"]) == [3]
        assert landed == [(3, b"task")]
        journal.note(Kind.MADE, b"third")
        await wait_until(lambda: journal.stats.frames == 4, timeout=2.0)
        journal.note(Kind.MADE, b"at the end")
    assert list(look(tmp_path)[1].values()) == [b"first", b"second", b"task", b"third", b"at the end"]


async def test_closing_writes_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True) as (journal, _):
        futures = [journal.append(Kind.ACCEPT, payload, None) for payload in payloads(10)]
        await journal.close()
        assert [future.result() for future in futures] == list(range(1, 11))
        with pytest.raises(Stopping):
            journal.append(Kind.ACCEPT, b"late", None)
        journal.note(Kind.MADE, b"late")
        await journal.commit(10)
        await journal.close()
    assert len(look(tmp_path)[1]) == 10


async def test_closing_is_legal_at_any_time(tmp_path: Path) -> None:
    await journal_in(tmp_path).close()
    journal = journal_in(tmp_path)
    journal.open(INSTANCE, 0, False)
    await journal.close()
    await journal.close()


async def test_one_who_gave_up_waiting_does_not_disturb_the_others(tmp_path: Path) -> None:
    async with running(tmp_path, fresh=True) as (journal, landed):
        futures = [journal.append(Kind.ACCEPT, payload, None) for payload in payloads(3)]
        futures[1].cancel()
        assert [*await asyncio.gather(futures[0], futures[2])] == [1, 3]
        assert len(landed) == 3


async def test_a_bug_in_what_lands_ends_the_journal(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.open(INSTANCE, 0, True)

    def landed(_: object) -> None:
        raise ZeroDivisionError

    journal.start(landed)
    await journal.append(Kind.ACCEPT, b"payload", None)
    with pytest.raises(JournalFailed):
        await journal.failed
    with pytest.raises(JournalFailed):
        journal.append(Kind.ACCEPT, b"payload", None)
    assert journal.reached == 0, "what was not carried on is not to be passed over"
    await journal.close()


async def test_everything_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir(mode=0o755)
    async with running(tmp_path, fresh=True, chunk_size=500) as (journal, _):
        await accept(journal, payloads(3))
        await accept(journal, payloads(3))
        await journal.commit(3)
    damaged = chunks(tmp_path)[0]
    damaged.write_bytes(damaged.read_bytes().replace(b"000001", b"??????"))
    assert look(tmp_path)[0].damaged
    paths = [path for path in tmp_path.rglob("*") if path.name != "tmp"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert {path.parent.name for path in paths if path.is_file()} == {"journal", "damaged"}


async def test_chunks_are_filled_with_zeros_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare, "FILL_FROM", 0)
    async with running(tmp_path, fresh=True, chunk_size=8_192) as (journal, _):
        assert [path.stat().st_size for path in chunks(tmp_path)] == [8_192]
        await accept(journal, payloads(50))
        await wait_until(lambda: journal._spare._fd is not None)
        await accept(journal, payloads(50))
        assert [path.stat().st_size for path in chunks(tmp_path)] == [8_192, 8_192]
        assert len(look_beside(tmp_path)) == 100
    assert sum(path.stat().st_size for path in chunks(tmp_path)) < 16_384
    assert not (tmp_path / "journal" / spare.NAME).exists()
    assert look(tmp_path)[0].frames == 100


def look_beside(directory: Path) -> list[bytes]:
    """The payloads in a journal that is in use."""
    return [data[24:] for path in chunks(directory) for data in path.read_bytes().split(b"\xabOKY")[2:]]


async def test_without_space_to_spare_chunks_are_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare, "FILL_FROM", 0)
    monkeypatch.setattr(spare, "MARGIN", 1 << 60)
    async with running(tmp_path, fresh=True) as (journal, _):
        await accept(journal, payloads(3))
        assert chunks(tmp_path)[0].stat().st_size < 4_096


async def test_what_was_erased_leaves_though_its_chunk_is_not_full(tmp_path: Path) -> None:
    clock = [10_000]
    settings: dict[str, Any] = {"chunk_size": 1 << 20, "keep": 5_000, "now": lambda: clock[0]}
    async with running(tmp_path, fresh=True, **settings) as (journal, _):
        await accept(journal, [b"secret"])
        journal.note(Kind.ERASED, b"of it")
        await accept(journal, [b"later"])
        clock[0] += TURN - 1
        await journal.commit(journal.reached)
        await accept(journal, [b"at last"])
        assert len(chunks(tmp_path)) == 1, "many are erased before a chunk is begun for it"
        clock[0] += 1
        await journal.commit(journal.reached)
        await wait_until(lambda: journal.reached == 5)
        assert len(chunks(tmp_path)) == 2
        assert chunks(tmp_path)[0].stat().st_size < 1_000, "it is cut"
        clock[0] += 5_001
        assert clock[0] <= gone_by(10_000, 5_000)
        await journal.commit(journal.reached)
        assert b"secret" not in b"".join(path.read_bytes() for path in chunks(tmp_path))
        assert await accept(journal, [b"more"]) == [6]
    recovery, found = look(tmp_path, position=5)
    assert (found, recovery.gaps) == ({6: b"more"}, ())
