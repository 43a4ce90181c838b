"""Dialogs, menus and other things that a page shows only when something is pressed, each ready for a picture."""

from collections.abc import Awaitable, Callable

from tests.support.browser import Watched
from tests.support.history import Known

Stage = Callable[[Watched, Known], Awaitable[None]]

STAGED: dict[str, Stage] = {}
