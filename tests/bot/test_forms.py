"""What is drawn is read back: each form's builder and parser agree."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.complaints import by_block
from bot.views import approvals, asking, clients, composer, deciding, menus, moving, policies, preview
from bot.views.again import Again, Base
from bot.views.composer import Composer, Start
from bot.views.moving import Below
from core.decisions import Seen
from core.models import Decision, Fit, Mode
from core.policies import Rules, Stage
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
            reviewers={"selected_users": ["U3"]},
            late_minutes={"selected_option": {"value": "60"}},
        )
    )
    assert form == clients.Form(client().id, "Northwind", "C1", ("U1", "U2"), (), ("U3",), 60)
    assert clients.parse(entered(clients.form())).client_id is None


def test_a_client_keeps_a_tolerance_that_the_menu_does_not_have() -> None:
    odd = client()
    odd.late_minutes = 7
    menu = next(block for block in clients.form(odd)["blocks"] if block["block_id"] == "late_minutes")
    chosen = menu["element"]["initial_option"]
    assert (chosen["text"]["text"], chosen in menu["element"]["options"]) == ("7 minutes", True)


def test_the_only_account_is_chosen_for_a_new_post_and_never_in_place_of_one_that_is_gone() -> None:
    only, gone = BOTH
    assert [one["value"] for one in initial(menus.accounts_field(client(), [only]))] == [str(only.id)]
    assert initial(menus.accounts_field(client(), [only], (gone.id,))) == []
    in_order = initial(menus.accounts_field(client(), BOTH, (gone.id, only.id)))
    assert [one["value"] for one in in_order] == [str(gone.id), str(only.id)]


def initial(field: JSON) -> list[JSON]:
    return list(field["element"].get("initial_options", []))


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


def test_what_is_changed_is_read_back() -> None:
    """The client is fixed, the picture can be kept, and a time that nobody touched is exactly the old one."""
    due_at = datetime(2027, 3, 28, 1, 30, 12, 345678, tzinfo=UTC)
    again = Again.of(payloads.post(fit=Fit.PAD), Base(2, due_at))
    start = Start(uid("post"), "C0GENERAL1", again=again)
    view = composer.view(Composer(start, client(), BOTH, due_at=due_at))
    full_minute = int(due_at.timestamp()) // 60 * 60
    draft = composer.parse(
        entered(
            view,
            kept={"selected_option": {"value": "keep"}},
            time={"selected_date_time": full_minute},
        )
    )
    assert (draft.start, draft.client_id, draft.keeps) == (start, client().id, True)
    assert (again.media_id, again.fit) == (uid("media"), Fit.PAD)
    assert draft.start.base
    assert draft.start.base.meant(draft.due_at) == due_at
    assert draft.start.base.meant(None) is None
    assert draft.start.base.meant(due_at + timedelta(minutes=1)) == due_at + timedelta(minutes=1)


def test_a_preview_carries_its_time_and_what_it_takes_the_place_of() -> None:
    decision = preview.parse(entered(payloads.of_views()["preview-change"]))
    assert decision == preview.Decision(
        uid("post"), 2, "C0GENERAL1", None, payloads.LATER, Base(2, payloads.NOW)
    )


def test_another_time_is_read_back() -> None:
    picked = int(payloads.LATER.timestamp())
    answer = moving.parse(entered(payloads.of_views()["move-form"], time={"selected_date_time": picked}))
    assert answer == moving.Answer(uid("post"), payloads.LATER, Below("show_queue", "{}"))


def test_what_somebody_has_against_a_post_is_read_back() -> None:
    seen, below = Seen(uid("post"), 2, 3, 1), Below("show_queue", "{}")
    form = deciding.form(payloads.post(), seen, Decision.REJECTED, below)
    answer = deciding.parse(entered(form, comment={"value": " Not us "}))
    assert answer == deciding.Answer(seen, Decision.REJECTED, "Not us", below)


def test_a_button_from_before_stages_were_written_down_is_understood() -> None:
    assert approvals.parse(f"{uid('post')}:2:3") == Seen(uid("post"), 2, 3)
    assert approvals.parse(approvals.dump(Seen(uid("post"), 2, 3))) == Seen(uid("post"), 2, 3)


@pytest.mark.parametrize(
    ("ticked", "needed", "ask"), [(True, False, True), (False, True, True), (False,) * 3]
)
def test_the_preview_knows_whether_to_ask(*, ticked: bool, needed: bool, ask: bool) -> None:
    shown = preview.Preview(payloads.post(), "C1", asking=asking.Asking([], is_needed=needed))
    options = [{"value": asking.YES}] if ticked else []
    assert preview.parse(entered(preview.view(shown), ask={"selected_options": options})).ask is ask


def test_the_rules_are_read_back_without_the_stages_that_are_empty() -> None:
    rules = Rules(
        Mode.REQUIRED,
        (
            Stage("Brand", None, frozenset({"admin", "reviewer"})),
            Stage("", 5),
            Stage("Client", 2, member_ids=frozenset({uid("Lee")})),
        ),
        someone_else=False,
        expires=True,
        remind_hours=7,
        most_reminders=0,
    )
    answer = policies.parse(untouched(policies.form(client(), rules, {uid("Lee"): "U0LEE00001"}, waiting=0)))
    assert answer.client_id == client().id
    assert (answer.mode, answer.someone_else, answer.time_counts) == (Mode.REQUIRED, False, False)
    assert (answer.expires, answer.remind_hours, answer.most_reminders) == (True, 7, 0)
    assert answer.stages == {1: (rules.stages[0], ()), 3: (Stage("Client", 2), ["U0LEE00001"])}


def untouched(view: JSON) -> JSON:
    """Give a view as Slack submits it when nobody changed anything."""
    state: JSON = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            first = {
                name.replace("initial_", "selected_"): value
                for name, value in element.items()
                if name.startswith("initial_")
            }
            first["value"] = element.get("initial_value")
            state[block["block_id"]] = {element["action_id"]: first}
    return view | {"state": {"values": state}}
