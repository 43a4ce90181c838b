"""Reading many tasks gives others their turn."""

import asyncio
import random

from okydrom.config.settings import Limits, Retry
from okydrom.delivery.methods import Methods
from okydrom.web.batch import MOST, PIECE, read_items
from okydrom.web.schema import Schema


async def test_others_have_their_turn_while_a_batch_is_read() -> None:
    schema = Schema(Limits(), Retry(), Methods({}), now=lambda: 1_790_000_000_000, rand=random.Random(1))
    items = [b'{"url":"http://127.0.0.1/","urll":1,"methud":2,"lables":3}'] * MOST
    loop = asyncio.get_running_loop()
    begun, turns = loop.time(), 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        again[0] = loop.call_soon(turn)

    again = [loop.call_soon(turn)]
    found = await read_items(schema, items, "local", None)
    again[0].cancel()
    assert len(found) == MOST
    pieces = (loop.time() - begun) / PIECE
    assert pieces > 4
    assert turns >= pieces / 4
