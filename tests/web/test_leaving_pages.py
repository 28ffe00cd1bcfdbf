"""While a client is being removed, what was sent for it earlier leads nowhere, and says so."""

import httpx
import pytest

from core import approvals, departures, policies, private_links, submissions
from core.approvals import Seen
from core.errors import NotAllowed
from core.models import Decision, Mode, Platform, PostState
from core.policies import Rules, Stage
from core.post_views import PostView
from tests.conftest import Cast
from tests.core.desk import Desk, make_desk
from tests.drivers.meta import Meta
from tests.web.conftest import Site

SENTENCE = "Northwind Coffee is being removed. Nothing of it can be changed any more."


@pytest.fixture
async def desk(site: Site, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(site.services, agency, meta)


async def asked(desk: Desk, *stages: Stage) -> PostView:
    """Send a post on its way that waits for these."""
    boss, rules = desk.cast.actor(desk.cast.manager), Rules(Mode.REQUIRED, stages)
    await policies.change(desk.services, boss, client_id=desk.cast.client.id, rules=rules)
    view = await desk.draft(desk.content(desk.facebook))
    return await submissions.submit(
        desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
    )


async def removed(desk: Desk) -> None:
    """Have the client removed; the sweep has not come yet."""
    boss = desk.cast.actor(desk.cast.manager)
    await departures.remove(desk.services, boss, client_id=desk.cast.client.id, name=desk.cast.client.name)


@pytest.mark.parametrize("decision", [Decision.APPROVED, Decision.CHANGES_REQUESTED, Decision.REJECTED])
async def test_nobody_approves_or_rejects_any_more(desk: Desk, decision: Decision) -> None:
    view = await asked(desk, Stage("Managers", 1, member_ids=frozenset({desk.cast.manager.id})))
    await removed(desk)
    boss = desk.cast.actor(desk.cast.manager)
    with pytest.raises(NotAllowed, match=SENTENCE):
        await approvals.decide(desk.services, boss, Seen.of(view.post), decision, comment="Why")
    assert (await desk.look(view)).post.state is PostState.IN_APPROVAL


async def test_a_private_link_says_so_and_decides_nothing(desk: Desk, http: httpx.AsyncClient) -> None:
    view = await asked(desk, Stage("Northwind Coffee", 1, by_link=True))
    secret = await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=view.post.id)
    link = private_links.address(desk.services, secret)
    await removed(desk)
    form = {"ticket": secret.reveal(), "version": "1", "decision": "approved", "name": "Maya"}
    for page in (await http.get(link), await http.post(link.partition("?")[0], data=form)):
        assert page.status_code == 410
        assert "This is over" in page.text
        assert SENTENCE in page.text
    assert (await desk.look(view)).post.state is PostState.IN_APPROVAL


async def test_nobody_makes_another_link(desk: Desk) -> None:
    view = await asked(desk, Stage("Northwind Coffee", 1, by_link=True))
    await removed(desk)
    with pytest.raises(NotAllowed, match=SENTENCE):
        await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=view.post.id)


@pytest.mark.parametrize("platform", list(Platform))
async def test_the_connect_page_says_so(
    site: Site, desk: Desk, http: httpx.AsyncClient, platform: Platform
) -> None:
    link = await site.link(desk.cast, platform=platform)
    await removed(desk)
    address, _, ticket = link.partition("?ticket=")
    for page in (await http.get(link), await http.post(f"{address}/start", data={"ticket": ticket})):
        assert page.status_code == 410
        assert SENTENCE in page.text
    with pytest.raises(NotAllowed, match=SENTENCE):
        await site.link(desk.cast, platform=platform)
