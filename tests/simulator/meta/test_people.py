import httpx

from tests.drivers.meta import (
    BOOKS,
    COFFEE,
    COFFEE_INSTAGRAM,
    EVENTS,
    GARAGE,
    MAYA,
    PRIYA,
    ROASTERY,
    TOM,
    Meta,
)
from tests.simulator.meta.conftest import Caller, refused


async def test_accounts_lists_pages_with_tokens_and_what_is_linked(maya: Caller):
    fields = "id,name,access_token,tasks,instagram_business_account{id,username}"
    pages = (await maya.get("me/accounts", fields=fields)).json()["data"]

    assert [page["id"] for page in pages] == [COFFEE, ROASTERY, BOOKS]
    assert pages[0]["instagram_business_account"] == {"id": COFFEE_INSTAGRAM, "username": "northwind.coffee"}
    assert "CREATE_CONTENT" in pages[0]["tasks"]
    assert pages[0]["access_token"].startswith("EAA")
    assert "instagram_business_account" not in pages[2]


async def test_the_portfolios_page_is_found_through_its_business_alone(maya: Caller):
    business = (await maya.get("me/businesses")).json()["data"][0]
    owned = (await maya.get(f"{business['id']}/owned_pages", fields="id,name,access_token")).json()["data"]

    assert [page["id"] for page in owned] == [EVENTS]
    assert owned[0]["access_token"]
    assert (await maya.get(EVENTS, fields="access_token")).json()["access_token"] == owned[0]["access_token"]
    assert (await maya.get(f"{business['id']}/client_pages")).json() == {"data": []}


async def test_businesses_need_their_permission(sim: Meta, http: httpx.AsyncClient):
    login = await sim.login(scopes=["pages_show_list"])

    refused(await Caller(sim.url, http, login["access_token"]).get("me/businesses"), 200)


async def test_pages_are_read_through_cursors(sim: Meta, maya: Caller):
    await sim.settings(page_size=1)
    found, answer = [], (await maya.get("me/accounts", fields="id", limit=100)).json()
    while True:
        found += [page["id"] for page in answer["data"]]
        if "next" not in answer["paging"]:
            break
        following = answer["paging"]["next"]
        assert maya.token not in following
        headers = {"authorization": f"Bearer {maya.token}"}
        answer = (await sim.http.get(following, headers=headers)).json()

    assert found == [COFFEE, ROASTERY, BOOKS]


async def test_someone_without_pages_has_none(sim: Meta, http: httpx.AsyncClient):
    login = await sim.login(person=PRIYA)

    assert (await Caller(sim.url, http, login["access_token"]).get("me/accounts")).json() == {"data": []}


async def test_tom_may_not_create_content(sim: Meta, http: httpx.AsyncClient):
    tom = Caller(sim.url, http, (await sim.login(person=TOM))["access_token"])
    page = (await tom.get(GARAGE, fields="tasks,access_token")).json()

    refused(await Caller(sim.url, http, page["access_token"]).post(f"{GARAGE}/feed", message="Hello"), 200)
    assert "CREATE_CONTENT" not in page["tasks"]


async def test_me_is_the_person_or_the_page(maya: Caller, coffee: Caller):
    assert (await maya.get("me")).json() == {"name": "Maya Chen", "id": MAYA}
    assert (await coffee.get("me", fields="instagram_business_account{id}")).json() == {
        "id": COFFEE,
        "instagram_business_account": {"id": COFFEE_INSTAGRAM},
    }


async def test_giving_up_one_permission_takes_it_away(maya: Caller):
    assert (await maya.delete("me/permissions/instagram_basic")).json() == {"success": True}

    refused(await maya.get(COFFEE_INSTAGRAM), 10)


async def test_giving_up_the_app_ends_every_token(maya: Caller, coffee: Caller):
    assert (await maya.delete("me/permissions")).json() == {"success": True}

    refused(await maya.get("me"), 190, 458)
    refused(await coffee.get("me"), 190, 458)


async def test_what_was_not_shared_cannot_be_seen(sim: Meta, http: httpx.AsyncClient):
    login = await sim.login(pages=[BOOKS], instagram=[])
    caller = Caller(sim.url, http, login["access_token"])

    refused(await caller.get(COFFEE), 100, 33)
    refused(await caller.get(COFFEE_INSTAGRAM), 100, 33)
