"""A person's modals."""

from starlette.requests import Request

from simulator.slack import modals, shapes, submissions, values
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.ui import acting
from simulator.slack.world import JSON, Person, View


async def shown(slack: Slack, request: Request) -> JSON:
    """Answer with the open modals, the lowest first."""
    who = acting.person(slack, request.query_params)
    return {"stack": [seen(slack, view) for view in modals.stack(slack, who.id)]}


async def submit(slack: Slack, request: Request) -> JSON:
    """Submit the visible modal."""
    who = acting.person(slack, await acting.given(request))
    view = _top(slack, who, request.path_params["id"])
    if not view.submit:
        raise Refusal("This view has no submit button.")
    return await submissions.submit(slack, who, view)


async def close(slack: Slack, request: Request) -> JSON:
    """Close the visible modal, or with `clear` all of them."""
    given = await acting.given(request)
    who = acting.person(slack, given)
    view = _top(slack, who, request.path_params["id"])
    await submissions.close(slack, who, view, clear=bool(given.get("clear")))
    return {"ok": True}


def seen(slack: Slack, view: View) -> JSON:
    """Return a view as its person sees it now."""
    shape = shapes.view(slack, view, values=values.for_payload(slack, view))
    return {**shape, "errors": view.errors, "trouble": view.trouble, "submit_disabled": view.submit_disabled}


def _top(slack: Slack, who: Person, view_id: str) -> View:
    opened = modals.stack(slack, who.id)
    if not opened or opened[-1].id != view_id:
        raise Refusal(f"{who.real_name} does not see the view {view_id}.", 404)
    return opened[-1]
