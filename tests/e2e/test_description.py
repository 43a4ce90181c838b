"""A stranger tries the API by its description: calls made of it find no failure, and no answer it does not name."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.support.service import ROOT, serving

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def tried(home: Path, schema: str, *options: str) -> tuple[int, str]:
    """Exit code of schemathesis (0: it found nothing) and its words; it keeps notes of its own in `home`."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            schema,
            "--checks",
            CHECKS,
            "--no-color",
            *options,
        ),
        cwd=home,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.support.formats", "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    words, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, words.decode()


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_calls_made_of_the_description_find_nothing(
    tmp_path: Path, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    async with serving(tmp_path) as service:
        code, words = await tried(
            tmp_path, f"{service.url}/openapi.json", "--max-examples", str(rounds(8)), "--seed", str(seed)
        )
    assert code == 0, words[-5_000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", words)
    assert cases is not None, words[-2_000:]
    assert cases[1] == cases[2]
    assert int(cases[1]) > 500
    figure(f"{cases[1]} calls")


async def test_what_is_not_described_is_found(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        async with aiohttp.ClientSession() as session, session.get(f"{service.url}/openapi.json") as answer:
            document = orjson.loads(await answer.read())
        document["paths"] = {"/livez": document["paths"]["/livez"]}
        responses = document["paths"]["/livez"]["get"]["responses"]
        responses["418"] = responses.pop("200")
        lying = tmp_path / "lying.json"
        lying.write_bytes(orjson.dumps(document))
        code, words = await tried(tmp_path, str(lying), "--url", service.url, "--max-examples", "1")
    assert code == 1
    assert "ndocumented" in words, words
