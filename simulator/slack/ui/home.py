"""App Home.

https://docs.slack.dev/surfaces/app-home
"""

from starlette.requests import Request

from simulator.slack import events, messages, modals, shapes, values
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.ui import acting
from simulator.slack.ui.views import seen
from simulator.slack.world import JSON


async def shown(slack: Slack, request: Request) -> JSON:
    """Answer with the Home view that was published to this person."""
    who = acting.person(slack, request.query_params)
    view = modals.home(slack, who.id, who.team_id)
    return {"view": seen(slack, view) if view else None}


async def opened(slack: Slack, request: Request) -> JSON:
    """Open App Home: the app is told every time."""
    given = await acting.given(request)
    who = acting.person(slack, given)
    tab = given.get("tab") or "home"
    team_id = acting.installed_team(slack, who)
    if tab == "home" and not slack.manifest.features.app_home.home_tab_enabled:
        raise Refusal("This app has no Home tab.")
    channel = messages.open_im(slack, team_id, who.id)
    event: JSON = {
        "type": "app_home_opened",
        "user": who.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": f"{slack.now():.6f}",
    }
    view = modals.home(slack, who.id, team_id)
    if view is not None:
        event["view"] = shapes.view(slack, view, values=values.for_payload(slack, view))
    events.emit(slack, "app_home_opened", event, team_id=team_id)
    return {"ok": True, "channel": channel.id}
