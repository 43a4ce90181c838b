"""The free space of the data directory, looked at once a second."""

from __future__ import annotations

import asyncio

import structlog

from okydrom.errors import DataUnusable
from okydrom.intake.ballast import Ballast
from okydrom.intake.datadir import DataDir

log = structlog.get_logger("okydrom.disk")

LOOK = 1.0  # s


class Disk:
    """`free` is the space in bytes as last seen. Lets go of the ballast when it runs low, and holds it again."""

    def __init__(self, directory: DataDir) -> None:
        self.free = 0
        self._directory = directory
        self._ballast = Ballast(directory.ballast)

    def open(self) -> None:
        """Look for the first time. Blocks. Raises DataUnusable."""
        try:
            self.free = self._directory.free()
            self._ballast.open(self.free)
        except OSError as error:
            raise DataUnusable(
                f"The space of {self._directory.path} can't be read.", errno=error.errno
            ) from error

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await asyncio.to_thread(self._look)
            except OSError as error:  # journal and store will say so, if it lasts
                log.warning("disk_unseen", errno=error.errno)

    def _look(self) -> None:
        held = self._ballast.held
        self.free = self._directory.free()
        self._ballast.tend(self.free)
        if self._ballast.held is not held:
            log.warning("ballast", held=self._ballast.held, free=self.free)
