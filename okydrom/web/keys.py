"""What the handlers work with. `app` fills all of it before the first call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from okydrom.config.parameters import Origin
from okydrom.config.settings import Settings
from okydrom.delivery.bulk import Bulks
from okydrom.delivery.commands import Commands
from okydrom.delivery.dial import Judged
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.methods import Methods
from okydrom.delivery.steering import Steering
from okydrom.delivery.target import Target
from okydrom.delivery.ways import Way
from okydrom.errors import OkydromError
from okydrom.feed import Feed
from okydrom.intake.accept import Accept
from okydrom.intake.health import Health
from okydrom.intake.keys import Keys
from okydrom.intake.minutes import Minutes
from okydrom.intake.pump import Pump
from okydrom.store.contract import Store
from okydrom.web.auth import Authority
from okydrom.web.exports import Exports
from okydrom.web.hub import Hub
from okydrom.web.quota import Quota
from okydrom.web.schema import Schema
from okydrom.web.seal import Seal
from okydrom.web.vocabulary import Vocabulary
from okydrom.web.waiting import Waiting

AUTHORITY = web.AppKey("authority", Authority)
QUOTA = web.AppKey("quota", Quota)
SETTINGS = web.AppKey("settings", Settings)
OPENAPI = web.AppKey("openapi", bytes)  # the description of all calls
CREATE: web.AppKey[Handler] = web.AppKey("create")  # POST /tasks with all that surrounds it
ORIGINS: web.AppKey[Mapping[str, Origin]] = web.AppKey("origins")  # of settings that are not the default
METHODS = web.AppKey("methods", Methods)
SCHEMA = web.AppKey("schema", Schema)
STORE: web.AppKey[Store] = web.AppKey("store")
ACCEPT = web.AppKey("accept", Accept)
KEYS = web.AppKey("idempotency_keys", Keys)
PUMP = web.AppKey("pump", Pump)
LANES = web.AppKey("lanes", Lanes)
COMMANDS = web.AppKey("commands", Commands)
BULKS = web.AppKey("bulks", Bulks)
SEAL = web.AppKey("seal", Seal)
STEERING = web.AppKey("steering", Steering)
MINUTES = web.AppKey("minutes", Minutes)
HEALTH = web.AppKey("health", Health)
EXPORTS = web.AppKey("exports", Exports)
FEED = web.AppKey("feed", Feed)  # what changes
HUB = web.AppKey("hub", Hub)  # of the event streams
VOCABULARY = web.AppKey("vocabulary", Vocabulary)

WAITING = web.AppKey("waiting", Waiting)
EXAMINE: web.AppKey[Callable[[Target, Way | None], Awaitable[Sequence[Judged]]]] = web.AppKey(
    "examine"
)  # where a name leads
WALL: web.AppKey[Callable[[], int]] = web.AppKey("wall")  # the real clock, epoch ms
NOW: web.AppKey[Callable[[], int]] = web.AppKey("now")  # the service's clock, epoch ms
STARTED_AT = web.AppKey("started_at", int)  # epoch ms
INSTANCE = web.AppKey("instance", str)  # of the data directory
TROUBLES: web.AppKey[Callable[[], Sequence[OkydromError]]] = web.AppKey("troubles")  # why it is not ready
