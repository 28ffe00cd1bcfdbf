"""What there is in the simulated Slack: everything that survives a restart, and nothing else."""

from typing import Any

from pydantic import BaseModel, Field

JSON = dict[str, Any]


class Team(BaseModel):
    """A workspace."""

    id: str
    name: str
    domain: str


class Person(BaseModel):
    """Somebody with a Slack account; the app's own bot user is one too."""

    id: str
    team_id: str
    name: str
    real_name: str
    tz: str = "Etc/UTC"
    email: str = ""
    color: str = "4a154b"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False


class Channel(BaseModel):
    """A channel, or a direct message (`is_im`), and who is in it."""

    id: str
    name: str
    team_id: str
    created: int
    creator: str = ""
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    shared_team_ids: list[str] = Field(default_factory=list)
    member_ids: list[str] = Field(default_factory=list)
    read_until: dict[str, str] = Field(default_factory=dict)
    """The newest ts that each person has seen."""


class Message(BaseModel):
    """A message; an ephemeral one has `only_for` and is in nobody's history."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[JSON] = Field(default_factory=list)
    attachments: list[JSON] = Field(default_factory=list)
    file_ids: list[str] = Field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    metadata: JSON | None = None
    edited: JSON | None = None
    reactions: dict[str, list[str]] = Field(default_factory=dict)
    only_for: str | None = None
    broadcast: bool = False


class File(BaseModel):
    """A file, from the moment its upload was announced."""

    id: str
    user: str
    team_id: str
    name: str
    title: str
    created: int
    size: int = 0
    mimetype: str = ""
    filetype: str = ""
    alt_txt: str = ""
    width: int | None = None
    height: int | None = None
    state: str = "announced"
    """announced, uploaded (bytes are there), complete."""
    ready_at: float = 0.0
    """Until then Slack is still processing it."""
    channels: list[str] = Field(default_factory=list)
    given_to_app: bool = False
    """Through a file_input that was submitted."""
    in_blocks: bool = False
    """The app put its own file into a message or a view as a slack_file; whoever sees that, sees it."""
    mode: str = "hosted"
    """hosted, tombstone, hidden_by_limit, external."""
    file_access: str = "visible"
    secret: str = ""
    """What makes the upload address unguessable."""


class View(BaseModel):
    """A modal or a Home tab, with what its person typed into it."""

    id: str
    team_id: str
    user: str
    type: str
    blocks: list[JSON]
    title: JSON | None = None
    submit: JSON | None = None
    close: JSON | None = None
    private_metadata: str = ""
    callback_id: str = ""
    external_id: str = ""
    clear_on_close: bool = False
    notify_on_close: bool = False
    submit_disabled: bool = False
    hash: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    values: JSON = Field(default_factory=dict)
    errors: dict[str, str] = Field(default_factory=dict)
    trouble: str | None = None


class Token(BaseModel):
    """An access token of the app."""

    token: str
    kind: str
    """bot or app."""
    team_id: str = ""
    scopes: list[str] = Field(default_factory=list)
    revoked: bool = False
    expires_at: float | None = None


class Grant(BaseModel):
    """An OAuth code, or a refresh token, that can be exchanged once."""

    team_id: str
    user: str
    scopes: list[str]
    redirect_uri: str = ""
    until: float = 0.0


class ResponseUrl(BaseModel):
    """Where the app may answer an interaction, five times within half an hour."""

    user: str
    channel: str
    message_ts: str | None = None
    used: int = 0
    until: float = 0.0


class Scheduled(BaseModel):
    """A message that waits for its minute."""

    id: str
    team_id: str
    post_at: int
    arguments: JSON


class World(BaseModel):
    """The whole state."""

    teams: dict[str, Team] = Field(default_factory=dict)
    people: dict[str, Person] = Field(default_factory=dict)
    channels: dict[str, Channel] = Field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = Field(default_factory=dict)
    """By channel, then ts; in order of ts."""
    files: dict[str, File] = Field(default_factory=dict)
    views: dict[str, View] = Field(default_factory=dict)
    """Those that are open, and the Home tabs."""
    stacks: dict[str, list[str]] = Field(default_factory=dict)
    """Open modals of each person, the lowest first."""
    homes: dict[str, str] = Field(default_factory=dict)
    """`user:team` to the id of a Home view."""
    tokens: dict[str, Token] = Field(default_factory=dict)
    codes: dict[str, Grant] = Field(default_factory=dict)
    refreshes: dict[str, Grant] = Field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = Field(default_factory=dict)
    scheduled: dict[str, Scheduled] = Field(default_factory=dict)
    installed: list[str] = Field(default_factory=list)
    """The teams that have the app."""
    last_ts: int = 0
