"""Drives the Meta simulator: looks at what the public sees, turns its knobs, decides in its dialog."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

APP_ID, APP_SECRET = "1234567890123456", "simulator-app-secret"
MAYA, PRIYA, TOM = "10160293847561201", "10160293847561202", "10160293847561203"
COFFEE, ROASTERY, BOOKS, EVENTS, GARAGE = (f"10492837465010{number}" for number in range(1, 6))
COFFEE_INSTAGRAM, ROASTERY_INSTAGRAM, EVENTS_INSTAGRAM = (f"1784140000000010{number}" for number in (1, 2, 4))
EVERY_PAGE = (COFFEE, ROASTERY, BOOKS, EVENTS, GARAGE)
EVERY_INSTAGRAM = (COFFEE_INSTAGRAM, ROASTERY_INSTAGRAM, EVENTS_INSTAGRAM)


class Meta:
    """One running simulator."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url, self.http = url, http

    async def public(self) -> Any:
        """Give what the public sees that was not there from the seed."""
        return await self._get("public")

    async def requests(self, *, since: int = 0) -> Any:
        """Give what the simulator was asked for."""
        return (await self.http.get(f"{self.url}/_sim/requests", params={"since": since})).json()

    async def warnings(self) -> Any:
        """Give what would fail at the real Meta."""
        return await self._get("warnings")

    async def fault(self, match: str, kind: str, **more: Any) -> None:
        """Let requests whose path contains `match` go wrong."""
        await self._post("faults", match=match, kind=kind, **more)

    async def settings(self, **knobs: Any) -> None:
        """Turn knobs."""
        await self._post("settings", **knobs)

    async def tokens(self, state: str, **which: str) -> None:
        """End tokens: of `who` (a person), of an `account`, of a `kind`; all of them without either."""
        await self._post("tokens", state=state, **which)

    async def issued(self) -> Any:
        """Give every token that there ever was since the seed."""
        return await self._get("tokens")

    async def withdraw(self, **what: Any) -> None:
        """Let Maya take back permissions or accounts, or a Page's owner change her tasks there."""
        await self._post("withdraw", **what)

    async def call_back(self, url: str | None) -> None:
        """Register the two callbacks of the Pressroom at this address; none without one."""
        paths = {"deauthorize_url": "deauthorize", "deletion_url": "data-deletion"}
        await self._post("app", **{name: url and f"{url}/api/v1/meta/{path}" for name, path in paths.items()})

    async def remove_app(self, person: str = MAYA) -> httpx.Response:
        """Remove the app, on the person's own settings page."""
        return await self.http.post(f"{self.url}/settings/apps/remove", data={"person": person})

    async def ask_deletion(self, person: str = MAYA) -> Any:
        """Ask that a person's data be deleted; give what the app answers."""
        return await self._post("data-deletion", person=person)

    async def login(self, **how: Any) -> Any:
        """Log in without the dialog; give what the simulator made: a token, page tokens."""
        return await self._post("login", **how)

    async def pass_time(self, seconds: float) -> None:
        """Move the simulator's clock ahead."""
        await self._post("clock", advance=seconds)

    async def register(self, *redirect_uris: str) -> None:
        """Register the addresses that the dialog may send people back to."""
        await self._post("app", redirect_uris=list(redirect_uris))

    async def reset(self) -> None:
        """Go back to the seed; forget faults, settings, and what was asked."""
        await self._post("reset")
        await self.http.delete(f"{self.url}/_sim/faults")

    async def decide(
        self,
        dialog_url: str,
        *,
        person: str = MAYA,
        pages: tuple[str, ...] = EVERY_PAGE,
        instagram: tuple[str, ...] = EVERY_INSTAGRAM,
        declined: tuple[str, ...] = (),
        decision: str = "continue",
    ) -> str:
        """Decide in the dialog by its form; give the address that it sends the browser back to."""
        shown = await self.http.get(dialog_url)
        assert shown.status_code == httpx.codes.OK, unescape(re.sub(r"<[^>]+>", " ", shown.text))
        form = {
            **dict(parse_qsl(urlsplit(dialog_url).query)),
            "person": person,
            "pages": ",".join(pages),
            "instagram": ",".join(instagram),
            "declined": ",".join(declined),
            "decision": decision,
        }
        decided = await self.http.post(f"{self.url}/dialog/decide", data=form)
        assert decided.is_redirect, decided.text
        return decided.headers["location"].partition("#")[0]

    async def _get(self, what: str) -> Any:
        return (await self.http.get(f"{self.url}/_sim/{what}")).json()

    async def _post(self, what: str, **body: Any) -> Any:
        answer = await self.http.post(f"{self.url}/_sim/{what}", json=body)
        assert answer.is_success, answer.text
        return answer.json()
