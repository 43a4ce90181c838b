"""What is between journal and store when the clock is moved: it is moved along, and what comes after is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from okydrom.config.settings import DAY, HOUR
from okydrom.store.shift import Shift
from okydrom.task import Status
from tests.integration.test_pump import DOWN, World
from tests.support.tasks import CREATED
from tests.support.wait import wait_until


@pytest.mark.parametrize("by", [10 * DAY, -HOUR])
async def test_what_waits_for_its_import_is_moved_along(tmp_path: Path, by: int) -> None:
    world = World(tmp_path)
    await world.open()
    try:
        async with world.pump.one:  # nothing is written meanwhile
            old = await world.given(expires_at=CREATED + DAY)
            failed = await world.given(expires_at=CREATED + DAY)
            world.take()
            world.end(world.take(), DOWN)
            world.pump.shift(Shift(by=by, at=CREATED), CREATED + by)
            late = await world.given(expires_at=CREATED + DAY)  # the journal had it in hand already
            new = await world.given(created_at=CREATED + by + 5, expires_at=CREATED + by + DAY)
        world.pump.shift(None)
        await wait_until(lambda: len(world.store.added) == 4)
        stored = {task.id: await world.store.get(task.id) for task in (old, failed, late, new)}
        for task in (old, failed, late, new):
            found = stored[task.id]
            assert found is not None
            assert found.expires_at == CREATED + by + DAY
        retrying = stored[failed.id]
        assert retrying is not None
        assert retrying.status is Status.RETRYING
        assert (retrying.next_attempt_at or 0) - retrying.updated_at >= 5_000
        assert retrying.updated_at >= CREATED + by
        again = await world.given(expires_at=CREATED + DAY)
        await wait_until(lambda: len(world.store.added) == 5)
        last = await world.store.get(again.id)
        assert last is not None
        assert last.expires_at == CREATED + DAY, "it is over"
    finally:
        await world.close()
