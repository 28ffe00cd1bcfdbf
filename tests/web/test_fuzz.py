"""Whatever is sent to a page, it answers with a page: nothing breaks, and nothing of ours shows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import departures, media, private_links, removals, tickets
from core.db import Database
from core.models import Departure
from core.policies import Stage
from pressroom.schema import Addresses
from tests.conftest import Cast
from tests.core.asking import asked, rule
from tests.core.desk import make_desk
from tests.drivers.connecting import open_link
from tests.drivers.meta import Meta
from tests.pressroom.conftest import own_database
from tests.web.conftest import Site
from tests.web.test_meta_callbacks import signed

# Words in capitals stand for what opens something: see `Keys`
PATHS = [
    "/",
    "/api/v1/social/connect",
    "/api/v1/social/connect/start",
    "/api/v1/social/connect/callback",
    "/api/v1/social/connect/accounts/TICKET_ID",
    "/api/v1/social/connect/accounts/TICKET_ID/done",
    "/api/v1/social/connect/status",
    "/api/v1/meta/deauthorize",
    "/api/v1/meta/data-deletion",
    "/api/v1/meta/data-deletion/CODE",
    "/api/v1/meta/data-deletion/AAAA",
    "/review",
    "/media/1.x/picture/thumbnail.jpg",
    "MEDIA_PATH",
    "/exports/1.x/TICKET_ID.zip",
    "EXPORT_PATH",
    "/livez",
    "/healthz",
    "/metrics",
]
NAMES = [
    "account",
    "ticket",
    "ticket_id",
    "state",
    "code",
    "error",
    "signed_request",
    "version",
    "decision",
    "name",
    "comment",
    "again",
]
KEYS = ["TICKET_TEXT", "TICKET_ID", "OUR_STATE", "ANOTHER_STATE", "REVIEW", "SIGNED", "CODE"]
WORDS = (
    st.text(max_size=60)
    | st.sampled_from(["", "1", "-1", "approved", "None", "../..", "%00", "\0", "x" * 5000])
    | st.sampled_from(KEYS)
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=4)
COOKIES = st.text("abcdef0123456789.-_=;", max_size=60) | st.just("BROWSER")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
RELAXED = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Keys:
    """What opens something: links, states and addresses that are good, or well signed for nothing."""

    known: dict[str, str]
    cookie: str  # its name

    def put_in(self, words: str) -> str:
        """Give the words with the keys in place of their names."""
        for name, value in self.known.items():
            words = words.replace(name, value)
        return words

    def of(self, fields: dict[str, str]) -> dict[str, str]:
        """Give a form with them."""
        return {name: self.put_in(value) for name, value in fields.items()}


@pytest.fixture(scope="module")
async def db(postgres: Addresses) -> AsyncIterator[Database]:
    """A database of this module's own: what is signed here would be done by the tests of others."""
    with own_database(postgres) as addresses:
        made = Database(addresses.program)
        yield made
        await made.close()


@pytest.fixture
async def keys(site: Site, meta: Meta, agency: Cast) -> Keys:
    """Give a login that was begun, a post that waits for its client, and what else is well signed."""
    connecting = await open_link(site.services, meta, agency.actor(agency.manager), agency.client.id)
    state = parse_qs(urlsplit(await connecting.start()).query)["state"][0]
    ticket_id = (await connecting.resume()).ticket.id
    desk = await make_desk(site.services, agency, meta)
    await rule(desk, Stage("Client", 1, by_link=True))
    boss, post = agency.actor(agency.manager), (await asked(desk)).post
    secret = await private_links.make(site.services, boss, post_id=post.id)
    over = Departure(id=uuid4(), agency_id=agency.id, expires_at=datetime.now(UTC) + timedelta(days=1))
    known = {
        "TICKET_ID": str(ticket_id),
        "TICKET_TEXT": connecting.ticket,
        "BROWSER": str(connecting.browser),
        "OUR_STATE": state,
        "ANOTHER_STATE": tickets.new_state(site.services, uuid4()),
        "REVIEW": secret.reveal(),
        "SIGNED": signed()["signed_request"],
        "CODE": removals.new_deletion(site.services).code,
        "MEDIA_PATH": urlsplit(media.address(site.services, uuid4(), media.THUMBNAIL)).path,
        "EXPORT_PATH": urlsplit(departures.address(site.services, over)).path,
    }
    return Keys(known, f"pressroom-connect-{ticket_id.hex[:12]}")


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the internet."""
    async with httpx.AsyncClient(base_url=site.url, timeout=10) as client:
        yield client


async def test_the_keys_open_what_they_are_for(stranger: httpx.AsyncClient, keys: Keys) -> None:
    """Or else the rest would knock at closed doors."""
    page = "/api/v1/social/connect/accounts/TICKET_ID/done"
    bound = {"cookie": f"{keys.cookie}={keys.known['BROWSER']}"}
    assert (await stranger.get(keys.put_in(page))).status_code == httpx.codes.FORBIDDEN
    assert (await stranger.get(keys.put_in(page), headers=bound)).status_code == httpx.codes.SEE_OTHER
    link = {"ticket": keys.known["TICKET_TEXT"]}
    assert (await stranger.get("/api/v1/social/connect", params=link)).is_success
    assert (await stranger.get("/review", params={"ticket": keys.known["REVIEW"]})).is_success
    assert (await stranger.get(keys.put_in("/api/v1/meta/data-deletion/CODE"))).is_success
    assert (await stranger.post("/api/v1/meta/deauthorize", data=signed())).is_success


@RELAXED
@given(
    path=st.sampled_from(PATHS) | st.text(max_size=20).map(lambda text: f"/{text}"),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
    query=FIELDS,
    form=FIELDS,
    cookie=COOKIES,
)
async def test_a_page_answers_whatever_is_sent_to_it(
    stranger: httpx.AsyncClient,
    keys: Keys,
    path: str,
    method: str,
    query: dict[str, str],
    form: dict[str, str],
    cookie: str,
) -> None:
    try:
        url = stranger.build_request(method, keys.put_in(path), params=keys.of(query)).url
    except (httpx.InvalidURL, ValueError):
        return  # no client can even ask for that
    sent = keys.of(form) if method in ("POST", "PUT") else None
    bound = {"cookie": f"{keys.cookie}={keys.put_in(cookie)}"}
    answer = await stranger.request(method, url, data=sent, headers=bound)
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR or is_metas(answer), (method, url)
    assert "Traceback" not in answer.text


def is_metas(answer: httpx.Response) -> bool:
    """Say whether it is Meta that failed: it refuses a code of nobody's."""
    return answer.status_code == httpx.codes.BAD_GATEWAY and "Nothing was connected" in answer.text


@RELAXED
@given(said=st.dictionaries(st.sampled_from(["user_id", "issued_at", "algorithm", "x"]), JSON, max_size=4))
async def test_nor_does_anything_that_is_signed_for_us(
    stranger: httpx.AsyncClient, said: dict[str, Any]
) -> None:
    for path in ("/api/v1/meta/deauthorize", "/api/v1/meta/data-deletion"):
        answer = await stranger.post(path, data=signed(**said))
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, said


@RELAXED
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data"]),
)
async def test_nor_does_a_body_of_another_kind_break_it(
    stranger: httpx.AsyncClient, body: bytes, kind: str
) -> None:
    for path in ("/review", "/api/v1/meta/deauthorize", "/api/v1/social/connect/start"):
        answer = await stranger.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, path
