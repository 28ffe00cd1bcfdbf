"""The popup, as a person uses it: Facebook's dialog, then the choice."""

from re import Pattern

from playwright.async_api import Page, expect

CONTINUE = "Continue with Facebook"


async def open_popup(page: Page, link: str) -> Page:
    """Open the link and press the button; give the popup, with Facebook's dialog in it."""
    await page.goto(link)
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name=CONTINUE).click()
    popup = await opened.value
    await expect(popup).to_have_title("Log in with Facebook (simulated)")
    return popup


async def decide(dialog: Page, *, person: str = "Maya", without: tuple[str, ...] = ()) -> None:
    """Continue as this person; `without` are ids of what to leave out: `page-…`, `declined-…`."""
    if person != "Maya":
        await dialog.click(f"#as-{person.lower()}")
    if any(one.startswith("declined-") for one in without):
        await dialog.click("summary")
    for one in without:
        await dialog.set_checked(f"#{one}", one.startswith("declined-"))
    await dialog.get_by_role("button", name=f"Continue as {person}").click()


async def choose(popup: Page, *labels: str | Pattern[str]) -> None:
    """Tick accounts by their names, and connect them."""
    for label in labels:
        await popup.get_by_role("checkbox", name=label).check()
    await popup.get_by_role("button", name="Connect", exact=True).click()


async def title(page: Page, text: str) -> None:
    """Wait for a page with this heading."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(text)
