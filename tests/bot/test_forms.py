"""What is drawn is read back: each form's builder and parser agree."""

from uuid import UUID

import pytest

from bot.complaints import by_block
from bot.views import clients, composer, menus, preview
from bot.views.composer import Composer, Start
from core.models import Fit
from tests.bot import payloads
from tests.bot.payloads import BOTH, JSON, client, uid


def entered(view: JSON, **values: JSON) -> JSON:
    """Give the view as Slack submits it, with these values, by the beginning of the field's block_id."""
    state: JSON = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = values.get(block["block_id"].partition(":")[0], {})
            state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **value}}
    return view | {"state": {"values": state}}


def test_the_composer_is_read_back() -> None:
    start = Start(uid("post"), "C0GENERAL1")
    view = composer.view(Composer(start, client(), BOTH))
    file = {"id": "F1", "name": "a.png"}
    draft = composer.parse(
        entered(
            view,
            client={"selected_option": {"value": str(client().id)}},
            accounts={"selected_options": [{"value": str(BOTH[1].id)}]},
            caption={"value": " Hello \n"},
            image={"files": [file]},
            link={"value": "https://a.example"},
        )
    )
    assert draft.start == start
    assert draft.client_id == draft.accounts_of == client().id
    assert draft.account_ids == (BOTH[1].id,)
    assert (draft.caption, draft.link, draft.address, draft.alt_text) == (
        "Hello",
        "https://a.example",
        None,
        None,
    )
    assert draft.upload == file


@pytest.mark.parametrize("files", [{}, {"files": None}, {"files": []}])
def test_an_empty_composer_is_read_too(files: JSON) -> None:
    """What Slack reports of an empty file_input is not documented."""
    draft = composer.parse(entered(composer.view(Composer(Start(uid("post"), "U1"))), image=files))
    assert (draft.client_id, draft.accounts_of, draft.account_ids) == (None, None, ())
    assert (draft.caption, draft.upload) == ("", None)


def test_the_preview_is_read_back() -> None:
    view = payloads.of_views()["preview-ratio"]
    decision = preview.parse(entered(view, fit={"selected_option": {"value": "pad"}}))
    assert decision == preview.Decision(uid("post"), 2, "C1", Fit.PAD)
    assert preview.parse(entered(view)).fit is None


def test_a_client_is_read_back() -> None:
    view = clients.form(client())
    form = clients.parse(
        entered(
            view,
            name={"value": "Northwind"},
            channel={"selected_conversation": "C1"},
            managers={"selected_users": ["U1", "U2"]},
        )
    )
    assert form == clients.Form(client().id, "Northwind", "C1", ("U1", "U2"), ())
    assert clients.parse(entered(clients.form())).client_id is None


def test_another_client_s_accounts_are_another_field() -> None:
    """Slack keeps what was chosen in a block of the same name."""
    one, other = (menus.accounts_field(client(name), BOTH)["block_id"] for name in ("A", "B"))
    assert one != other
    assert UUID(one.partition(":")[2])


def test_every_sentence_finds_a_field() -> None:
    view = composer.view(Composer(Start(uid("post"), "U1"), client(), BOTH))
    errors = by_block(view, {"accounts": "A.", "image": "B.", "somewhere_else": "C.", "client": "D."})
    assert errors == {f"accounts:{client().id}": "A.", "image": "B.", "client": "C. D."}
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert set(errors) <= inputs
