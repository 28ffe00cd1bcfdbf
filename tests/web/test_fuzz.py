"""Whatever is sent to a page, it answers with a page: nothing breaks, and nothing of ours shows."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Site

PATHS = [
    "/",
    "/api/v1/social/connect",
    "/api/v1/social/connect/start",
    "/api/v1/social/connect/callback",
    "/api/v1/social/connect/accounts",
    "/api/v1/social/connect/status",
    "/api/v1/meta/deauthorize",
    "/api/v1/meta/data-deletion",
    "/review",
    "/media/1.x/picture/thumbnail.jpg",
    "/livez",
]
NAMES = [
    "ticket",
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
WORDS = st.text(max_size=60) | st.sampled_from(
    ["", "1", "-1", "approved", "None", "../..", "%00", "\0", "x" * 5000]
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=4)
RELAXED = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the internet."""
    async with httpx.AsyncClient(base_url=site.url, timeout=10) as client:
        yield client


@RELAXED
@given(
    path=st.sampled_from(PATHS) | st.text(max_size=20).map(lambda text: f"/{text}"),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
    query=FIELDS,
    form=FIELDS,
    cookie=st.text("abcdef0123456789.-_=;", max_size=60),
)
async def test_a_page_answers_whatever_is_sent_to_it(
    stranger: httpx.AsyncClient,
    path: str,
    method: str,
    query: dict[str, str],
    form: dict[str, str],
    cookie: str,
) -> None:
    try:
        url = stranger.build_request(method, path, params=query).url
    except (httpx.InvalidURL, ValueError):
        return  # no client can even ask for that
    sent = form if method in ("POST", "PUT") else None
    answer = await stranger.request(method, url, data=sent, headers={"cookie": f"pressroom_connect={cookie}"})
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, (method, url)
    assert "Traceback" not in answer.text


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
