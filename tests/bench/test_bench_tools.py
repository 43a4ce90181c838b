"""The tools of the benchmark count rightly, so that its figures can be believed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.bench.children import ROOT, TICKS, child
from tests.bench.load import Plan
from tests.bench.page import page_part
from tests.bench.profiling import LAUNCHERS, read_calls, read_samples
from tests.bench.report import Figure, Target, summary, table
from tests.bench.rounds import measure
from tests.bench.servers import Recipient, bare, listening, post
from tests.bench.single import time_syncs


async def test_what_is_posted_to_bare_arrives_once_and_is_counted(tmp_path: Path) -> None:
    done = await measure(bare, tmp_path, seconds=1.0)
    assert done.accepted > 50
    assert (done.undelivered, done.repeated) == (0, 0)
    assert 1.0 <= done.posted.ended - done.posted.started < 3.0
    assert done.accepted_rate >= done.delivered_rate > 0
    assert 0 < done.posted.p50 <= done.posted.p99
    ticks = (
        4 / TICKS / (done.accepted / 1000)
    )  # each of the two differs by up to two: both are counted in whole ones
    assert done.cpu + ticks >= done.loop_cpu > 0
    assert done.peak >= done.rss > 5


async def test_the_load_ends_at_the_number_of_tasks(tmp_path: Path) -> None:
    async with listening(tmp_path) as recipient, bare(tmp_path) as server:
        plan = Plan(server=server.url, recipient=recipient.url, connections=7, tasks=100)
        posted = await post(plan, tmp_path)
        came = await recipient.figures(100)
    assert (posted.accepted, came.tasks, came.requests) == (100, 100, 100)


async def test_the_recipient_refuses_until_it_listens_and_tells_tasks_from_requests(tmp_path: Path) -> None:
    recipient = Recipient(tmp_path)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post(recipient.url)
        async with recipient.listening():
            for task_id in ("a", "b", "a"):
                await session.post(recipient.url, data=b"x" * 100_000, headers={"Webhook-Id": task_id})
            came = await recipient.figures(3, timeout=0.2)
    assert (came.tasks, came.requests) == (2, 3)
    assert came.first < came.last


async def test_an_answer_that_is_no_acceptance_ends_the_load_with_its_words(tmp_path: Path) -> None:
    async with listening(tmp_path) as recipient:
        plan = Plan(server=recipient.url.removesuffix("/hook"), recipient=recipient.url, tasks=1)
        with pytest.raises(RuntimeError, match="200 OK"):
            await post(plan, tmp_path)


async def test_children_end_with_the_benchmark(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from tests.bench.children import cancel_on_sigterm, child\n"
        "async def main():\n"
        "    cancel_on_sigterm()\n"
        "    work = pathlib.Path(sys.argv[1])\n"
        "    async with child('inner', ['-m', 'tests.bench.bare'], work) as inner:\n"
        "        await inner.line()\n"
        "        print(inner.process.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        async with child("outer", ["-c", program, str(tmp_path)], tmp_path) as outer:
            pid = int(await outer.line())
            os.kill(outer.process.pid, number)
            await asyncio.wait_for(outer.process.wait(), 60)
        assert not Path(f"/proc/{pid}").exists()


async def test_a_child_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    async with child("victim", ["-c", "raise SystemExit('no such luck')"], tmp_path) as victim:
        with pytest.raises(RuntimeError, match="victim ended with 1:\nno such luck"):
            await victim.line()


async def test_the_page_is_visited_and_its_list_has_rows(tmp_path: Path) -> None:
    painted, requests, opened, followed = await page_part(tmp_path, tasks=60, visits=2)
    assert [len(figure.values) for figure in (painted, requests, opened, followed)] == [2, 1, 2, 2]
    assert min(painted.values) > 0
    assert min(opened.values) > 0
    assert min(followed.values) > 0
    assert requests.values[0] > 20, "modules, style sheets, calls"
    assert opened.name == "list of 60 tasks, first visit to first row, ms"


def test_a_sync_takes_time_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert min(time_syncs(tmp_path)) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_ratio_is_the_median_of_the_pairs_and_judged_as_text() -> None:
    figures = [
        Figure("rate", [150.0, 130.0, 400.0], [100.0, 100.0, 200.0], Target("≥", 1.6, of_ratio=True)),
        Figure("memory", [50.0], target=Target("≤", 60)),
    ]
    assert [figure.ratio for figure in figures] == [1.5, None]
    assert table("part", figures).splitlines() == [
        "part",
        "",
        "        bare  okydrom  ratio   target",
        "rate     100      150   1.50  ≥ 1.6 ×  MISSED",
        "memory             50            ≤ 60     met",
    ]
    assert summary(figures) == "1 of 2 targets met; missed: rate"


def test_the_calls_and_the_samples_of_a_profile_name_the_function_that_works(tmp_path: Path) -> None:
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text("def work():\n    for _ in range(5_000_000):\n        pass\nwork()\nraise SystemExit\n")
    for kind, read in (("calls", read_calls), ("samples", read_samples)):
        subprocess.run([sys.executable, *LAUNCHERS[kind], out, script], check=True, cwd=ROOT)
        most = max(read(out), key=lambda each: each.seconds)
        assert most.name.endswith("script.py:1 work")
        assert most.calls == (1 if kind == "calls" else None)
