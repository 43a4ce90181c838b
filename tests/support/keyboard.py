"""The page from the keyboard alone."""

from playwright.async_api import Locator, Page

MOST = 80  # stops on one screen
FOCUSED = "node => node === document.activeElement"
RUSSIAN = dict(
    zip(
        (f"Key{letter}" for letter in "QWERTYUIOPASDFGHJKLZXCVBNM"), "йцукенгшщзфывапролдячсмить", strict=True
    )
)
RUSSIAN["Slash"] = "."


async def tab_to(page: Page, wanted: Locator, by: str = "Tab") -> None:
    """Press Tab (in a menu an arrow) until this has the focus."""
    for _ in range(MOST):
        if await wanted.evaluate(FOCUSED):
            return
        await page.keyboard.press(by)
    raise AssertionError(f"not reached by Tab: {wanted}")


async def press(page: Page, wanted: Locator, by: str = "Tab") -> None:
    """Go there and press Enter."""
    await tab_to(page, wanted, by)
    await page.keyboard.press("Enter")


async def press_russian(page: Page, code: str) -> None:
    """Press the key at this place of the keyboard ("KeyJ") on a Russian layout, where it writes another letter."""
    session = await page.context.new_cdp_session(page)
    event = {"code": code, "key": RUSSIAN[code]}
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": RUSSIAN[code], **event})
    await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    await session.detach()
