"""Everything that exists at the simulated Meta, as one model that can be written to disk."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from simulator.meta.settings import Settings

TokenState = Literal[
    "valid",
    "expired",
    "password",
    "deauthorized",
    "checkpoint",
    "blocked",
    "logged_out",
    "unconfirmed",
    "role_lost",
]
"""Why a token no longer works; `tokens.ENDED` has the error of each."""


class App(BaseModel):
    """The application that asks people for access: ours."""

    id: str
    secret: str
    name: str = "Pressroom"
    redirect_uris: list[str] = []
    deauthorize_url: str | None = None
    deletion_url: str | None = None


class Person(BaseModel):
    """Someone with a Facebook login. The id is app-scoped."""

    id: str
    name: str
    tasks: dict[str, list[str]] = {}
    """What this person may do on which Page, by the Page's id."""
    business_ids: list[str] = []
    lost_page_ids: list[str] = []


class Grant(BaseModel):
    """What one person allowed the app in the login dialog, and on which assets."""

    permissions: dict[str, Literal["granted", "declined"]]
    page_ids: list[str]
    instagram_ids: list[str]
    active_at: datetime


class Token(BaseModel):
    """An access token of a person, or of a Page through that person."""

    value: str
    kind: Literal["user", "page"]
    person_id: str
    page_id: str | None = None
    issued_at: datetime
    expires_at: datetime | None
    long_lived: bool = False
    state: TokenState = "valid"
    page_tokens: dict[str, str] = {}
    """The page tokens that were derived from this one, by the Page's id."""


class Code(BaseModel):
    """An authorization code: for one exchange, within ten minutes."""

    person_id: str
    redirect_uri: str
    issued_at: datetime
    used: bool = False


class Business(BaseModel):
    """A business portfolio, and the Pages that it owns."""

    id: str
    name: str
    page_ids: list[str]


class Page(BaseModel):
    """A Facebook Page. With a portfolio's Page, /me/accounts does not list it."""

    id: str
    name: str
    username: str
    category: str
    about: str
    website: str
    art: str
    """Which of the drawn worlds its avatar, cover and old photos come from."""
    followers: int
    instagram_id: str | None = None
    business_id: str | None = None
    visibility_seconds: float | None = None
    post_ids: list[str] = []


class Instagram(BaseModel):
    """An Instagram professional account that is linked to a Page."""

    id: str
    username: str
    name: str
    biography: str
    website: str
    art: str
    page_id: str
    followers: int
    follows: int
    visibility_seconds: float | None = None
    media_ids: list[str] = []
    container_ids: list[str] = []


class Picture(BaseModel):
    """A picture that was fetched or uploaded; the bytes are kept under `blob`."""

    blob: str
    width: int
    height: int


class Container(BaseModel):
    """Instagram's unpublished media object."""

    id: str
    instagram_id: str
    media_type: Literal["IMAGE"] = "IMAGE"
    picture: Picture | None
    caption: str
    alt_text: str
    created_at: datetime
    app_id: str
    error: int | None = None
    """The seven digits that its status ends in, once it is done."""
    polls: int = 0
    published_at: datetime | None = None


class Media(BaseModel):
    """A published Instagram post. Without `app_id` it was made on a phone."""

    id: str
    shortcode: str
    instagram_id: str
    picture: Picture
    caption: str
    alt_text: str
    created_at: datetime
    container_id: str | None = None
    app_id: str | None = None
    likes: int = 0
    old: bool = False
    """It was there from the seed."""


class Photo(BaseModel):
    """A Page's photo; staged as long as it is in no post."""

    id: str
    page_id: str
    picture: Picture
    caption: str = ""
    alt_text: str = ""
    temporary: bool = False
    created_at: datetime
    post_id: str | None = None


class Preview(BaseModel):
    """What a link looks like in a post."""

    title: str
    description: str = ""
    image: str | None = None


class Post(BaseModel):
    """A Page's post. Without `app_id` it was made on a phone."""

    id: str
    page_id: str
    message: str
    link: str | None = None
    preview: Preview | None = None
    photo_ids: list[str] = []
    created_at: datetime
    published: bool = True
    scheduled_at: datetime | None = None
    app_id: str | None = None
    likes: int = 0
    old: bool = False


class World(BaseModel):
    """All of it, and the clock that it lives by."""

    app: App
    settings: Settings = Settings()
    clock_seconds: float = 0.0
    """How far this world's clock is ahead of the machine's."""
    people: dict[str, Person] = {}
    grants: dict[str, Grant] = {}
    businesses: dict[str, Business] = {}
    pages: dict[str, Page] = {}
    instagrams: dict[str, Instagram] = {}
    tokens: dict[str, Token] = {}
    codes: dict[str, Code] = {}
    containers: dict[str, Container] = {}
    media: dict[str, Media] = {}
    photos: dict[str, Photo] = {}
    posts: dict[str, Post] = {}

    def now(self) -> datetime:
        """Return the time in this world."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_seconds)

    def seen(self, account: Page | Instagram) -> datetime:
        """Return the moment at which the newest of this account's posts was made that is visible by now."""
        own, usual = account.visibility_seconds, self.settings.visibility_seconds
        return self.now() - timedelta(seconds=usual if own is None else own)

    def role(self, person: Person, page_id: str) -> list[str]:
        """Return the tasks this person has on this Page; none if the role was lost or never given."""
        return [] if page_id in person.lost_page_ids else person.tasks.get(page_id, [])

    def pages_of(self, person: Person) -> list[Page]:
        """Return the Pages on which this person has a role."""
        return [page for page in self.pages.values() if self.role(person, page.id)]
