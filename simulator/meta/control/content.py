"""More accounts, and posts that were made on a phone."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.meta import ids
from simulator.meta.control.body import Strict, Wrong, meta_of, person_of
from simulator.meta.drawn import art
from simulator.meta.meta import Meta
from simulator.meta.pages import posts
from simulator.meta.seed import ALL_TASKS, MAYA
from simulator.meta.world import Instagram, Media, Page, Person, Photo, Picture, Post, World


class Foreign(Strict):
    """A post made on a phone: on an Instagram account, or on a Page."""

    account: str
    text: str = ""
    alt_text: str = ""
    image_url: str | None = None
    link: str | None = None
    seconds_ago: float = 0.0


class NewAccount(Strict):
    """One more Page of a person, and its Instagram account if a username is given; or many, with numbers."""

    name: str
    instagram: str | None = None
    count: int = 1
    visibility_seconds: float | None = None
    person: str = MAYA
    tasks: list[str] = ALL_TASKS


class NewPerson(Strict):
    """One more person, who has no Page yet."""

    name: str


async def people(request: Request) -> Response:
    """Add a person; answers who it is."""
    meta = meta_of(request)
    wanted = NewPerson.model_validate(await request.json())
    person = Person(id=ids.digits("1024", 16, meta.world.people), name=wanted.name)
    meta.world.people[person.id] = person
    meta.changed()
    return JSONResponse(person.model_dump())


async def foreign_post(request: Request) -> Response:
    """Let someone post on a phone."""
    meta = meta_of(request)
    wanted = Foreign.model_validate(await request.json())
    at = meta.world.now() - timedelta(seconds=wanted.seconds_ago)
    picture = await _picture(meta, wanted.image_url)
    if account := meta.world.instagrams.get(wanted.account):
        media = _phone_media(meta.world, account, wanted, picture or _drawn(meta.world), at)
        answer = {"id": media.id, "permalink": meta.at(f"/p/{media.shortcode}/")}
    elif shown := meta.world.pages.get(wanted.account):
        post = _phone_post(meta.world, shown, wanted, picture, at)
        answer = {"id": post.id, "permalink": meta.at(f"/facebook/{shown.id}/posts/{post.id}")}
    else:
        raise Wrong(f"There is no account {wanted.account}")
    meta.changed()
    return JSONResponse(answer)


async def accounts(request: Request) -> Response:
    """List the people, Pages and Instagram accounts, or add one."""
    meta = meta_of(request)
    if request.method == "POST":
        _add_accounts(meta.world, NewAccount.model_validate(await request.json()))
        meta.changed()
    return JSONResponse(
        {
            "people": [person.model_dump() for person in meta.world.people.values()],
            "pages": [shown.model_dump(exclude={"post_ids"}) for shown in meta.world.pages.values()],
            "instagram": [
                one.model_dump(exclude={"media_ids", "container_ids"})
                for one in meta.world.instagrams.values()
            ],
        }
    )


async def _picture(meta: Meta, url: str | None) -> Picture | None:
    return (await meta.pictures.keep(await meta.pictures.fetch(url))).picture if url else None


def _drawn(world: World) -> Picture:
    return Picture(blob=f"{art.PREFIX}-plant-{len(world.media)}", width=art.PHOTO, height=art.PHOTO)


def _phone_media(world: World, account: Instagram, wanted: Foreign, picture: Picture, at: datetime) -> Media:
    media_id = ids.digits("179", 17, world.media)
    media = Media(
        id=media_id,
        shortcode=ids.shortcode(media_id),
        instagram_id=account.id,
        picture=picture,
        caption=wanted.text,
        alt_text=wanted.alt_text,
        created_at=at,
    )
    world.media[media.id] = media
    account.media_ids.append(media.id)
    account.media_ids.sort(key=lambda one: world.media[one].created_at)
    return media


def _phone_post(world: World, shown: Page, wanted: Foreign, picture: Picture | None, at: datetime) -> Post:
    photos = []
    if picture:
        photo = Photo(
            id=ids.digits("122", 15, world.photos),
            page_id=shown.id,
            picture=picture,
            alt_text=wanted.alt_text,
            created_at=at,
        )
        world.photos[photo.id] = photo
        photos.append(photo)
    return posts.add(world, shown, wanted.text, link=wanted.link, photos=photos, by_app=False, created_at=at)


def _add_accounts(world: World, wanted: NewAccount) -> None:
    if wanted.count == 1:
        _add_account(world, wanted)
        return
    for number in range(1, wanted.count + 1):
        numbered = {"name": f"{wanted.name} {number}"}
        if wanted.instagram:
            numbered["instagram"] = f"{wanted.instagram}.{number}"
        _add_account(world, wanted.model_copy(update=numbered))


def _add_account(world: World, wanted: NewAccount) -> None:
    person = person_of(world, wanted.person)
    page_id = ids.digits("1049", 15, world.pages)
    shown = Page(
        id=page_id,
        name=wanted.name,
        username=wanted.name.lower().replace(" ", "."),
        category="Local business",
        about=f"{wanted.name} on this machine.",
        website="example.com",
        art=wanted.name,
        followers=100,
        visibility_seconds=wanted.visibility_seconds,
    )
    world.pages[page_id] = shown
    person.tasks[page_id] = wanted.tasks
    if wanted.instagram:
        account = Instagram(
            id=ids.digits("17841", 17, world.instagrams),
            username=wanted.instagram,
            name=wanted.name,
            biography="",
            website="example.com",
            art=wanted.name,
            page_id=page_id,
            followers=100,
            follows=10,
            visibility_seconds=wanted.visibility_seconds,
        )
        world.instagrams[account.id] = account
        shown.instagram_id = account.id
