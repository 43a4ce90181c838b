"""The calls that the documents show work as they say."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.disk import require
from tests.support.examples import Example, examples
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import ROOT, Service, serving
from tests.support.wait import wait_until

DOCUMENTS = ("README.md", "docs/api.md")

# Stands before the real curl on the PATH and tells the status of each call.
CURL = """#!/bin/sh
exec {curl} --silent --show-error --max-time 20 --write-out '%{{stderr}}status %{{http_code}}\\n' "$@"
"""


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_examples_of_a_document_answer_as_it_says(tmp_path: Path, name: str) -> None:
    require("curl")
    found = examples((ROOT / name).read_text("utf-8"))
    assert found, "no examples: are they written in another way now?"
    async with listening(Ledger()) as ledger, serving(tmp_path) as service:
        ledger.answer = lambda _: Answer(500)
        async with calling(service.url) as api:
            known = await api.create(url=ledger.url(), payload=1, retry={"schedule": ["1h"]})
            await api.reaches(known, "retrying")
        for example in found:
            await rests(service, known)
            statuses = await run(example, service, ledger, known, tmp_path)
            place = f"{name}:{example.line}: answered {statuses}"
            if example.statuses:
                assert statuses[-len(example.statuses) :] == list(example.statuses), place
            assert all(status < 300 for status in statuses) or example.statuses, place


async def rests(service: Service, known: str) -> None:
    """No attempt of the known task is under way, nor due: an example may have brought one about."""
    async with calling(service.url) as api:

        async def quiet() -> bool:
            task = await api.task(known)
            due = task["next_attempt_at"]
            return task["status"] != "sending" and (due is None or due > task["updated_at"])

        await wait_until(quiet, 20, "the known task rests")


async def run(example: Example, service: Service, ledger: Ledger, known: str, directory: Path) -> list[int]:
    """The statuses of the calls of an example; $ID is a task that waits for its next attempt."""
    shim = directory / "bin" / "curl"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(CURL.format(curl=shutil.which("curl")))
    shim.chmod(0o700)
    script = example.script.replace("8080", str(service.port)).replace("9000", str(ledger.port))
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", script),
        cwd=directory,
        env={**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}", "ID": known},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return [int(line.split()[1]) for line in errors.decode().splitlines() if line.startswith("status ")]
