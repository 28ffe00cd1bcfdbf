from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.errors import ReconnectNeeded, Refused, TryAgainLater
from core.graph import oauth
from core.graph.api import GraphAPI
from core.graph.oauth import SCOPES, InstagramAccount, Page, Permissions, Person
from core.vault import Token
from tests.core.graph.wire import APP_SECRET, BASE_URL, Meta, refusal

TOKEN = Token("EAAB-user-token")


def kitten(**more: object) -> dict[str, object]:
    return {"id": "1353269864728879", "name": "Kitten Page", "access_token": "EAAB-page-token", **more}


def permissions(*granted: str) -> dict[str, object]:
    return {"data": [{"permission": name, "status": "granted"} for name in granted]}


# The dialog


def dialog(**more: object) -> dict[str, str]:
    url = oauth.dialog_url(
        "https://www.facebook.com/",
        version="v25.0",
        client_id="1234567890123456",
        redirect_uri="https://pressroom.example/callback?x=1&y=2",
        state="a b+c",
        scopes=SCOPES["facebook_page"],
        **more,  # type: ignore[arg-type]
    )
    assert url.startswith("https://www.facebook.com/v25.0/dialog/oauth?")
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def test_the_dialog_asks_for_the_scopes_and_hands_the_state_back():
    assert dialog() == {
        "client_id": "1234567890123456",
        "redirect_uri": "https://pressroom.example/callback?x=1&y=2",
        "state": "a b+c",
        "response_type": "code",
        "scope": "pages_show_list,pages_read_engagement,pages_manage_posts",
    }


def test_the_dialog_of_a_configuration_sends_no_scopes():
    asked = dialog(config_id="77", auth_type="reauthorize")
    assert "scope" not in asked
    assert (asked["config_id"], asked["auth_type"]) == ("77", "reauthorize")


def test_each_platform_asks_for_what_publishing_needs_and_no_more():
    assert set(SCOPES["instagram_business"]) == {
        "instagram_basic",
        "instagram_content_publish",
        "pages_read_engagement",
        "pages_show_list",
    }
    assert set(SCOPES["facebook_page"]) == {"pages_manage_posts", "pages_read_engagement", "pages_show_list"}


# Tokens


async def test_a_code_is_exchanged_in_a_form(graph: GraphAPI, meta: Meta):
    meta.answers_with({"access_token": "EAAB-new", "token_type": "bearer", "expires_in": 5183944})
    login = await oauth.exchange_code(graph, code=Token("AQBx"), redirect_uri="https://pressroom.example/cb")
    assert (login.token.reveal(), login.lasts) == ("EAAB-new", timedelta(seconds=5183944))
    assert (meta.request.method, str(meta.request.url)) == ("POST", f"{BASE_URL}/v25.0/oauth/access_token")
    assert meta.form() == {
        "client_id": "1234567890123456",
        "client_secret": APP_SECRET,
        "redirect_uri": "https://pressroom.example/cb",
        "code": "AQBx",
    }


async def test_how_long_a_token_lasts_may_be_missing(graph: GraphAPI, meta: Meta):
    meta.answers_with({"access_token": "EAAB-long", "token_type": "bearer"})
    login = await oauth.exchange_long_lived(graph, token=TOKEN)
    assert (login.token.reveal(), login.lasts) == ("EAAB-long", None)
    assert meta.form() == {
        "client_id": "1234567890123456",
        "client_secret": APP_SECRET,
        "grant_type": "fb_exchange_token",
        "fb_exchange_token": "EAAB-user-token",
    }


@pytest.mark.parametrize("subcode", [36007, 36009])
async def test_a_used_or_expired_code_is_refused_in_plain_words(graph: GraphAPI, meta: Meta, subcode: int):
    meta.answers_with(refusal(100, subcode))
    with pytest.raises(Refused, match="start connecting once more"):
        await oauth.exchange_code(graph, code=Token("AQBx"), redirect_uri="https://pressroom.example/cb")


async def test_an_answer_without_a_token_is_no_login(graph: GraphAPI, meta: Meta):
    meta.answers_with([])
    with pytest.raises(TryAgainLater):
        await oauth.exchange_long_lived(graph, token=TOKEN)


async def test_a_token_is_looked_up_without_standing_in_an_address(graph: GraphAPI, meta: Meta):
    meta.answers_with(
        {
            "data": {
                "app_id": "1234567890123456",
                "type": "PAGE",
                "issued_at": 1721203200,
                "expires_at": 0,
                "data_access_expires_at": 1753108800,
                "is_valid": True,
                "user_id": "218471",
                "profile_id": "1353269864728879",
                "scopes": ["pages_show_list", "business_management"],
                "granular_scopes": [
                    {"scope": "pages_show_list", "target_ids": ["1353269864728879"]},
                    {"scope": "business_management"},
                ],
            }
        }
    )
    facts = await oauth.debug_token(graph, token=TOKEN)
    assert facts.valid
    assert (facts.kind, facts.user_id, facts.page_id) == ("PAGE", "218471", "1353269864728879")
    assert facts.expires_at is None
    assert facts.data_access_expires_at == datetime(2025, 7, 21, 14, 40, tzinfo=UTC)
    assert facts.scopes == {"pages_show_list", "business_management"}
    assert facts.targets == {"pages_show_list": ("1353269864728879",), "business_management": ()}
    assert facts.problem is None
    assert (meta.request.method, str(meta.request.url)) == ("POST", f"{BASE_URL}/v25.0/debug_token")
    assert meta.request.headers["Authorization"] == f"Bearer 1234567890123456|{APP_SECRET}"
    assert {name: meta.form()[name] for name in ("method", "input_token")} == {
        "method": "GET",
        "input_token": "EAAB-user-token",
    }


async def test_a_dead_token_comes_with_the_reason(graph: GraphAPI, meta: Meta):
    dead = {"code": 190, "subcode": 460, "message": "Error validating access token: …"}
    meta.answers_with({"data": {"is_valid": False, "scopes": [], "error": dead}})
    facts = await oauth.debug_token(graph, token=TOKEN)
    assert not facts.valid
    assert isinstance(facts.problem, ReconnectNeeded)
    assert "password" in facts.problem.sentence


async def test_looking_a_token_up_is_a_read_and_tried_again(graph: GraphAPI, meta: Meta):
    meta.answers_with(refusal(2), {"data": {"is_valid": True}})
    assert (await oauth.debug_token(graph, token=TOKEN)).valid


# The person


async def test_me_is_the_person(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "218471", "name": "Maya Chen", "picture": {"data": {"url": "https://p/1.jpg"}}})
    assert await oauth.me(graph, token=TOKEN) == Person("218471", "Maya Chen", "https://p/1.jpg")
    assert meta.query()["fields"] == "id,name,picture"


async def test_permissions_are_told_by_status(graph: GraphAPI, meta: Meta):
    listed = {"a": "granted", "b": "declined", "c": "expired", "d": "granted"}
    meta.answers_with({"data": [{"permission": name, "status": status} for name, status in listed.items()]})
    assert await oauth.permissions(graph, token=TOKEN) == Permissions(
        frozenset({"a", "d"}), frozenset({"b"}), frozenset({"c"})
    )


async def test_one_permission_or_all_are_given_back(graph: GraphAPI, meta: Meta):
    meta.answers_with({"success": True}, {"success": True})
    await oauth.revoke(graph, token=TOKEN)
    await oauth.revoke(graph, token=TOKEN, permission="instagram_basic")
    assert [(request.method, request.url.path) for request in meta.requests] == [
        ("DELETE", "/v25.0/me/permissions"),
        ("DELETE", "/v25.0/me/permissions/instagram_basic"),
    ]


# Pages


async def test_a_page_comes_with_its_token_tasks_and_instagram_account(graph: GraphAPI, meta: Meta):
    linked = {
        "id": "17841405822304914",
        "username": "kitten",
        "name": "Kitten",
        "profile_picture_url": "https://p/2.jpg",
    }
    meta.answers_with(
        {
            "data": [
                kitten(
                    tasks=["ANALYZE", "CREATE_CONTENT"],
                    picture={"data": {"url": "https://p/1.jpg"}},
                    instagram_business_account=linked,
                )
            ]
        },
        permissions("pages_show_list"),
    )
    (page,) = await oauth.pages(graph, token=TOKEN)
    assert page == Page(
        id="1353269864728879",
        name="Kitten Page",
        token=Token("EAAB-page-token"),
        tasks=("ANALYZE", "CREATE_CONTENT"),
        instagram=InstagramAccount("17841405822304914", "kitten", "Kitten", "https://p/2.jpg"),
        picture_url="https://p/1.jpg",
    )
    assert "EAAB" not in repr(page)


async def test_a_page_without_instagram_or_a_picture_is_a_page_too(graph: GraphAPI, meta: Meta):
    meta.answers_with({"data": [kitten()]}, permissions())
    (page,) = await oauth.pages(graph, token=TOKEN)
    assert page.instagram is page.picture_url is None


@pytest.mark.parametrize(
    ("tasks", "may"),
    [
        (["CREATE_CONTENT"], True),
        (["MANAGE"], True),
        (["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE"], False),
        ([], True),
    ],
)
async def test_a_person_may_publish_with_the_task_for_it(
    graph: GraphAPI,
    meta: Meta,
    tasks: list[str],
    may: bool,  # noqa: FBT001
):
    meta.answers_with({"data": [kitten(tasks=tasks)]}, permissions())
    (page,) = await oauth.pages(graph, token=TOKEN)
    assert page.may_publish is may


async def test_portfolios_are_looked_through_and_each_page_is_told_once(graph: GraphAPI, meta: Meta):
    meta.answers_with(
        {"data": [kitten()]},
        permissions("business_management"),
        {"data": [{"id": "b1"}, {"id": "b2"}]},
        {"data": [kitten(name="The same"), {"id": "2", "name": "Events", "access_token": "EAAB-events"}]},
        {"data": [{"id": "3", "name": "Not shared"}]},
        refusal(200, status=403),
        {"data": [{"id": "4", "name": "A client's", "access_token": "EAAB-clients"}]},
    )
    pages = await oauth.pages(graph, token=TOKEN)
    assert [(page.id, page.name) for page in pages] == [
        ("1353269864728879", "Kitten Page"),
        ("2", "Events"),
        ("4", "A client's"),
    ]
    assert [request.url.path for request in meta.requests[3:]] == [
        f"/v25.0/{edge}"
        for edge in ("b1/owned_pages", "b1/client_pages", "b2/owned_pages", "b2/client_pages")
    ]


async def test_without_the_permission_portfolios_are_not_asked_for(graph: GraphAPI, meta: Meta):
    meta.answers_with({"data": []}, permissions("pages_show_list"))
    assert await oauth.pages(graph, token=TOKEN) == []


async def test_meta_having_trouble_with_portfolios_is_not_passed_over(graph: GraphAPI, meta: Meta):
    meta.answers_with(
        {"data": []}, permissions("business_management"), {"data": [{"id": "b1"}]}, *[refusal(2)] * 3
    )
    with pytest.raises(TryAgainLater):
        await oauth.pages(graph, token=TOKEN)
