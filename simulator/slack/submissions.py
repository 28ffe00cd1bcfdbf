"""Submitting a modal: what the client checks, what the app is told, and what its answer does.

https://docs.slack.dev/surfaces/modals#response_actions
"""

from typing import Any

from simulator.slack import form, modals, payloads
from simulator.slack.deliver import Answer, deliver
from simulator.slack.errors import SlackError
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Person, View

TROUBLE = "We had some trouble connecting. Try again?"


async def submit(slack: Slack, person: Person, view: View) -> JSON:
    """Submit a modal; return `{"ok"}`, with `errors` by block_id or `trouble` if it stays open."""
    view.errors = form.problems(slack, view)
    view.trouble = None
    slack.changed("views", only_for=person.id)
    if view.errors:
        return {"ok": False, "errors": view.errors}
    _give_files(slack, view)
    answer = await deliver(slack, "interactive", payloads.view_submission(slack, person, view), accepts=True)
    if view.id not in slack.world.views:
        return {"ok": True}
    try:
        return await _act(slack, person, view, answer)
    except _Trouble as trouble:
        slack.record.warn("modal_trouble", str(trouble), said=answer.said)
        view.trouble = TROUBLE
        slack.changed("views", only_for=person.id)
        return {"ok": False, "trouble": TROUBLE}


class _Trouble(Exception):
    """The answer to a submission that Slack cannot act on."""


async def _act(slack: Slack, person: Person, view: View, answer: Answer) -> JSON:
    if answer.error:
        raise _Trouble(f"The submission was not acknowledged: {answer.error}.")
    if answer.said is None:
        modals.close_top(slack, person.id)
        return {"ok": True}
    if not isinstance(answer.said, dict):
        raise _Trouble("The body that closes a modal must be empty.")
    action = answer.said.get("response_action")
    if action == "clear":
        modals.close_all(slack, person.id)
    elif action == "errors":
        return _errors(slack, view, answer.said.get("errors"))
    elif action in ("update", "push"):
        await _replace(slack, person, view, answer.said.get("view"), push=action == "push")
    else:
        raise _Trouble(f"There is no response_action {action!r}.")
    return {"ok": True}


def _errors(slack: Slack, view: View, errors: Any) -> JSON:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise _Trouble("response_action errors came without errors.")
    if unknown := set(errors) - inputs:
        raise _Trouble(f"Errors are for blocks that are no input blocks of this view: {sorted(unknown)}.")
    view.errors = {block_id: str(sentence) for block_id, sentence in errors.items()}
    slack.changed("views", only_for=view.user)
    return {"ok": False, "errors": view.errors}


async def _replace(slack: Slack, person: Person, view: View, new: Any, *, push: bool) -> None:
    try:
        replaced = None if push else view.id
        checked = await modals.checked(slack, view.team_id, new, kind="modal", but=replaced)
        if push:
            modals.show(slack, person.id, view.team_id, checked, push=True)
        else:
            modals.update(slack, view, checked)
    except SlackError as refused:
        messages = refused.more.get("response_metadata", {}).get("messages", [])
        raise _Trouble(f"The view of the answer is refused: {refused.error} {messages}") from refused


def _give_files(slack: Slack, view: View) -> None:
    for actions in view.values.values():
        for value in actions.values():
            for file_id in value.get("files") or []:
                slack.world.files[file_id].given_to_app = True


async def close(slack: Slack, person: Person, view: View, *, clear: bool) -> None:
    """Close a modal, or with `clear` all of them, and tell the app if it wants to know."""
    clear = clear or view.clear_on_close
    told = modals.stack(slack, person.id)[0] if clear else view
    payload = payloads.view_closed(slack, person, told, cleared=clear)
    if clear:
        modals.close_all(slack, person.id)
    else:
        modals.close_top(slack, person.id)
    if told.notify_on_close:
        await deliver(slack, "interactive", payload)
