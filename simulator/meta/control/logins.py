"""Who is logged in, and which tokens end."""

from collections.abc import Iterable

import httpx
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.meta import dialog, oauth, people, tokens
from simulator.meta.control.body import Strict, Wrong, meta_of, person_of
from simulator.meta.seed import MAYA
from simulator.meta.world import Grant, Person, Token, TokenState, World


class TokenChange(Strict):
    """Which tokens end, and how: those of a person, of an account (by its id), or of one kind."""

    who: str | None = None
    account: str | None = None
    kind: str | None = None
    state: TokenState


class Login(Strict):
    """A login without the dialog. By default everything is shared and granted."""

    person: str = MAYA
    pages: list[str] | None = None
    instagram: list[str] | None = None
    scopes: list[str] | None = None
    long_lived: bool = True


async def every_token(request: Request) -> Response:
    """Give every token that was ever issued, whose it is, and what has become of it."""
    world = meta_of(request).world
    return JSONResponse(
        [
            {
                "value": token.value,
                "kind": token.kind,
                "person": token.person_id,
                "page": token.page_id,
                "state": tokens.state(world, token),
            }
            for token in world.tokens.values()
        ]
    )


async def end_tokens(request: Request) -> Response:
    """Give tokens a state; `valid` gives them back. Answers how many there were."""
    meta = meta_of(request)
    change = TokenChange.model_validate(await request.json())
    page_id = _page_of(meta.world, change.account) if change.account else None
    if change.who:
        person_of(meta.world, change.who)
    if change.state in ("role_lost", "valid") and page_id:
        _role(meta.world, page_id, lost=change.state == "role_lost")
    count = tokens.end(_chosen(meta.world, change, page_id), change.state)
    meta.changed()
    return JSONResponse({"changed": count, "state": change.state})


async def login(request: Request) -> Response:
    """Log someone in as if through the dialog, and return a user token."""
    meta = meta_of(request)
    wanted = Login.model_validate(await request.json())
    person = person_of(meta.world, wanted.person)
    _grant(meta.world, person, wanted)
    token = tokens.issue_user(meta.world, person, long_lived=wanted.long_lived)
    pages = [meta.world.pages[page_id] for page_id in meta.world.grants[person.id].page_ids]
    page_tokens = {page.id: tokens.page_token(meta.world, token, page).value for page in pages}
    meta.changed()
    return JSONResponse({"access_token": token.value, "page_tokens": page_tokens, "person": person.id})


async def code(request: Request) -> Response:
    """Log someone in, and return a code for `redirect_uri`."""
    meta = meta_of(request)
    body = await request.json()
    redirect_uri = body.pop("redirect_uri")
    wanted = Login.model_validate(body)
    person = person_of(meta.world, wanted.person)
    _grant(meta.world, person, wanted)
    value = oauth.new_code(meta.world, person, redirect_uri)
    meta.changed()
    return JSONResponse({"code": value})


async def deauthorize(request: Request) -> Response:
    """Let a person remove the app; the deauthorize callback is called."""
    meta = meta_of(request)
    await people.deauthorize(meta, person_of(meta.world, (await request.json())["person"]))
    return JSONResponse({"ok": True})


async def data_deletion(request: Request) -> Response:
    """Let a person ask for their data to be deleted; answers what the app's callback said."""
    meta = meta_of(request)
    person = person_of(meta.world, (await request.json())["person"])
    if not meta.world.app.deletion_url:
        raise Wrong("No deletion_url is registered: POST /_sim/app")
    try:
        status, said = await people.ask_deletion(meta, person)
    except (httpx.HTTPError, ValueError) as lost:
        raise Wrong(f"The callback gave no JSON: {lost!r}") from lost
    return JSONResponse({"status": status, "answer": said})


class Withdrawal(Strict):
    """What a person takes back of what they allowed, without removing the app; or what a Page does."""

    person: str = MAYA
    permissions: list[str] = Field(default_factory=list)
    unshared: list[str] = Field(default_factory=list)
    """Pages and Instagram accounts, by their ids."""
    tasks: dict[str, list[str]] = Field(default_factory=dict)
    """What they may do from now on, by the Page's id."""


async def withdraw(request: Request) -> Response:
    """Let a person take back permissions or accounts, or a Page's owner change what they may do there."""
    meta = meta_of(request)
    wanted = Withdrawal.model_validate(await request.json())
    person = person_of(meta.world, wanted.person)
    if grant := meta.world.grants.get(person.id):
        grant.permissions |= dict.fromkeys(wanted.permissions, "declined")
        grant.page_ids = [one for one in grant.page_ids if one not in wanted.unshared]
        grant.instagram_ids = [one for one in grant.instagram_ids if one not in wanted.unshared]
    person.tasks |= wanted.tasks
    meta.changed()
    return JSONResponse({"ok": True})


def _page_of(world: World, account_id: str) -> str:
    if account_id in world.instagrams:
        return world.instagrams[account_id].page_id
    if account_id in world.pages:
        return account_id
    raise Wrong(f"There is no account {account_id}")


def _chosen(world: World, change: TokenChange, page_id: str | None) -> Iterable[Token]:
    person = person_of(world, change.who) if change.who else None
    for token in world.tokens.values():
        if (
            (person is None or token.person_id == person.id)
            and (page_id is None or token.page_id == page_id)
            and (change.kind is None or token.kind == change.kind)
        ):
            yield token


def _role(world: World, page_id: str, *, lost: bool) -> None:
    for person in world.people.values():
        if page_id in person.tasks:
            kept = [one for one in person.lost_page_ids if one != page_id]
            person.lost_page_ids = [*kept, page_id] if lost else kept


def _grant(world: World, person: Person, wanted: Login) -> None:
    shared = world.pages_of(person)
    world.grants[person.id] = Grant(
        permissions=dict.fromkeys(wanted.scopes if wanted.scopes is not None else dialog.SCOPES, "granted"),
        page_ids=wanted.pages if wanted.pages is not None else [one.id for one in shared],
        instagram_ids=wanted.instagram
        if wanted.instagram is not None
        else [one.instagram_id for one in shared if one.instagram_id],
        active_at=world.now(),
    )
