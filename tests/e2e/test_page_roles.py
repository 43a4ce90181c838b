"""The page for who may only look: what the role forbids is disabled and says why, and the service refuses it too."""

import hashlib
import json
from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.browser import PLAIN, chromium, watching
from tests.support.service import free_port, serving

ROLES = ("operator", "viewer")
WHY = "Your role can't do this"
CALL = """
async ([verb, path, body]) => {
  const options = {method: verb, headers: {"Content-Type": "application/json"}, body: body && JSON.stringify(body)};
  const answer = await fetch(`/api/v1${path}`, options);
  return [answer.status, answer.status === 204 ? null : await answer.json()];
}
"""


async def sign_in(page: Page, role: str) -> None:
    """Take the session of the token of this role."""
    assert (await page.evaluate(CALL, ["POST", "/session", {"token": role}]))[0] == 204


async def test_a_viewer_sees_everything_and_can_do_nothing(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.touch(0o600)
    lines = [f"{role} {role} {hashlib.sha256(role.encode()).hexdigest()}\n" for role in ROLES]
    tokens.write_text("".join(lines))
    task = {"url": f"http://127.0.0.1:{free_port()}/", "retry": {"schedule": ["1h"]}, "payload": 1}
    async with (
        serving(tmp_path, {"auth": {"tokens_file": str(tokens)}}, name=PLAIN) as service,
        chromium() as browser,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401, 403)
        await watched.open("/sign-in")
        await sign_in(page, "operator")
        _, made = await page.evaluate(CALL, ["POST", "/tasks", task])
        await sign_in(page, "viewer")

        await watched.open(f"/tasks/{made['id']}")
        await expect(page.get_by_label("Explanation")).to_contain_text("Attempt 2 may begin")
        for name in ("Edit…", "Resend as new…", "Cancel…", "Send now…"):
            await expect(page.get_by_role("button", name=name)).to_have_attribute("title", WHY)
        await page.get_by_role("button", name="Cancel…").press("Enter")
        await expect(page.get_by_role("status")).to_have_text(WHY)
        await expect(page.get_by_role("dialog")).to_have_count(0)

        await watched.open("/destinations")
        await expect(page.get_by_role("button", name="Pause…")).to_have_attribute("title", WHY)
        await watched.open("/new")
        await expect(page.get_by_role("button", name="Create task")).to_be_disabled()
        await expect(page.locator("form")).to_contain_text(WHY)

        await watched.open("/")
        await page.get_by_role("heading", level=1).focus()
        await page.keyboard.press("n")
        await expect(page.get_by_role("status")).to_have_text(WHY)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        await page.set_viewport_size({"width": 390, "height": 900})
        await page.locator(".toast").evaluate("toast => toast.replaceChildren()")
        await page.locator(".tabbar").get_by_role("button", name="Create").press("Enter")
        await expect(page.get_by_role("status")).to_have_text(WHY)
        refused = await page.evaluate(CALL, ["POST", f"/tasks/{made['id']}/cancel", None])
        assert refused[0] == 403
        assert json.dumps(refused[1]).count("forbidden") > 0
