"""One row of every table in each of three places, and everybody who could look at them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

AGENCY_TABLES = ("agencies", "members")  # everybody of the agency may read them; admins and the program write
ADMIN_TABLES = ("installations",)  # the admins' and the program's alone
OWN_TABLES = ("summaries",)  # a member's own, besides

WALK = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       array(SELECT a.attname FROM pg_index i
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND (c.relname = 'agencies' OR EXISTS (
       SELECT FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attname = 'agency_id' AND NOT a.attisdropped))
ORDER BY 1
"""


@dataclass(frozen=True)
class Table:
    """A table that the walk through the catalog found."""

    name: str
    forced: bool
    key: list[str]


@dataclass(frozen=True)
class Place:
    """Where a row belongs: to a client or a member, or (without either) to the agency itself."""

    agency: UUID
    client: UUID | None = None
    member: UUID | None = None


@dataclass(frozen=True)
class Row:
    """A seeded row, as the owner reads it."""

    table: Table
    place: Place
    values: dict[str, Any]

    @property
    def key(self) -> sql.Composable:
        """Say which row it is, as a condition."""
        equal = sql.SQL("{}::text = {}")
        return sql.SQL(" AND ").join(
            equal.format(sql.Identifier(name), sql.Literal(str(self.values[name]))) for name in self.table.key
        )

    def __str__(self) -> str:
        return f"{self.table.name} of {self.place}"


@dataclass(frozen=True)
class Actor:
    """The three settings that the policies read, and what may be seen with them. `None` leaves one unset."""

    agency: UUID | str | None
    member: UUID | str | None
    program: str | None
    home: UUID | None = None
    clients: frozenset[UUID] = frozenset()
    sees_all: bool = False

    def may_read(self, row: Row) -> bool:
        """Tell whether this actor should see a row."""
        if row.place.agency != self.home:
            return False
        return row.table.name in AGENCY_TABLES or self.may_write(row)

    def may_write(self, row: Row) -> bool:
        """Tell whether this actor may make, change or remove such a row, as far as the place goes."""
        theirs = row.place.client in self.clients or row.place.member == self.member
        return row.place.agency == self.home and (self.sees_all or theirs)


@dataclass
class World:
    """Agency 1 with clients A and B, agency 2 with client C."""

    rows: list[Row] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)


def tables(owner: Connection[Any]) -> list[Table]:
    """Walk through the catalog: every table whose rows belong to an agency."""
    return [Table(*found) for found in owner.execute(WALK).fetchall()]


def build(owner: Connection[Any]) -> World:
    """Seed the three places as the owner, and list everybody."""
    one, two = Agency(owner), Agency(owner)
    a, b, c = one.client(), one.client(), two.client()
    owner.execute("DELETE FROM audit_unsealed WHERE entry_id IN (SELECT id FROM audit_logs)")
    world = World(rows=list(read_back(owner, [one.id, two.id])))
    world.actors = {
        "admin of agency 1": Actor(one.id, one.admin, "off", one.id, sees_all=True),
        "member of client A": Actor(one.id, a.member, "off", one.id, frozenset({a.id})),
        "member of client B": Actor(one.id, b.member, "off", one.id, frozenset({b.id})),
        "guest of agency 1": Actor(one.id, one.guest, "off", one.id),
        "program at work for agency 1": Actor(one.id, "", "on", one.id, sees_all=True),
        "admin of agency 2": Actor(two.id, two.admin, "off", two.id, sees_all=True),
        "member of client C": Actor(two.id, c.member, "off", two.id, frozenset({c.id})),
        "program at work for agency 2": Actor(two.id, "", "on", two.id, sees_all=True),
        "nobody": Actor(None, None, None),
        "empty settings": Actor("", "", ""),
        "agency 1 and nobody": Actor(one.id, "", "off"),
        "somebody unknown in agency 1": Actor(one.id, uuid4(), "off"),
        "admin of agency 2 in agency 1": Actor(one.id, two.admin, "off"),
        "member of client C in agency 1": Actor(one.id, c.member, "off"),
        "member of client A in agency 2": Actor(two.id, a.member, "off"),
        "program without an agency": Actor("", "", "on"),
    }
    return world


def read_back(owner: Connection[Any], agencies: list[UUID]) -> Iterator[Row]:
    """Give every row of these agencies; a table without one is a table that nobody seeded."""
    for table in tables(owner):
        column = "id" if table.name == "agencies" else "agency_id"
        found = owner.execute(
            sql.SQL("SELECT to_jsonb(t) - 'key_id' FROM {} t WHERE {} = ANY (%s)").format(
                sql.Identifier(table.name), sql.Identifier(column)
            ),
            [agencies],
        ).fetchall()
        assert found, f"{table.name} has agency_id and no seed in {__name__}"
        for (values,) in found:
            yield Row(table, place_of(table, values), values)


def place_of(table: Table, values: dict[str, Any]) -> Place:
    """Tell where a row belongs, from its own columns."""
    if table.name == "agencies":
        return Place(UUID(values["id"]))
    if table.name in OWN_TABLES:
        return Place(UUID(values["agency_id"]), member=UUID(values["member_id"]))
    column = {"clients": "id", "clients_social_platforms": "parent_id"}.get(table.name, "client_id")
    client = values.get(column)
    return Place(UUID(values["agency_id"]), UUID(client) if client else None)


class Seeder:
    """Inserts as the owner, each row with an id of its own."""

    def __init__(self, owner: Connection[Any]) -> None:
        self.owner = owner
        self.id = uuid4()

    def add(self, table: str, **values: Any) -> UUID:
        """Insert one row, and give its id."""
        wrapped = {
            name: Jsonb(value) if isinstance(value, dict | list) else value for name, value in values.items()
        }
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, wrapped)),
            sql.SQL(", ").join(map(sql.Placeholder, wrapped)),
        )
        self.owner.execute(insert, wrapped)
        made = values.get("id")
        return made if isinstance(made, UUID) else self.id


class Agency(Seeder):
    """An agency with an admin, a guest, and what is the agency's own."""

    def __init__(self, owner: Connection[Any]) -> None:
        super().__init__(owner)
        self.add("agencies", id=self.id, slack_team_id=f"T{self.id.hex}", name="an agency")
        self.add(
            "installations", agency_id=self.id, app_id="A", bot_id="B", bot_user_id="U", bot_token="sealed"
        )
        self.admin, self.guest = self.member("admin"), self.member("guest")
        self.add("audit_logs", id=uuid4(), agency_id=self.id, user_id="pressroom", action="agency_added")
        self.seed_chain()

    def seed_chain(self) -> None:
        """Add a chain of one seal, its head, and something unsealed; of entries that are not there.

        Or else whatever seals entries, in another test of this process, would take it away.
        """
        place = {"agency_id": self.id, "number": 1, "hash": bytes(32)}
        self.add("audit_chains", **place)
        self.add("audit_seals", **place, entry_id=uuid4(), sealed_at="2026-01-01T00:00:00Z")
        self.add("audit_heads", **place, day="2026-01-01")
        self.add("audit_unsealed", agency_id=self.id, entry_id=uuid4(), created_at="2026-01-01T00:00:00Z")

    def member(self, role: str) -> UUID:
        """Add a member."""
        made = uuid4()
        return self.add(
            "members",
            id=made,
            agency_id=self.id,
            slack_user_id=f"U{made.hex}",
            name=role,
            role=role,
            timezone="UTC",
        )

    def client(self) -> "Client":
        """Add a client with a row of everything."""
        return Client(self.owner, self)


class Client(Seeder):
    """A client, the one member who works for it, and a row of everything that a client has."""

    def __init__(self, owner: Connection[Any], agency: Agency) -> None:
        super().__init__(owner)
        self.agency = agency
        self.member = agency.member("member")
        self.add("clients", id=self.id, agency_id=agency.id, name=f"client {self.id}")
        self.own("client_members", member_id=self.member, role="author")
        hear = {"hour": 9, "due_at": "2100-01-01T00:00:00Z", "next_run_at": "2100-01-01T00:00:00Z"}
        self.add("summaries", agency_id=agency.id, member_id=self.member, **hear)
        self.seed_accounts()
        self.seed_policy()
        self.seed_post()

    def own(self, table: str, **values: Any) -> UUID:
        """Insert a row of this client's."""
        return self.add(table, agency_id=self.agency.id, client_id=self.id, **values)

    def seed_accounts(self) -> None:
        """Add a connection, a ticket and an account."""
        self.connection = self.own(
            "connections", id=uuid4(), member_id=self.member, meta_user_id="1", meta_user_name="Maya"
        )
        self.own(
            "connect_tickets",
            id=uuid4(),
            member_id=self.member,
            platform="facebook_page",
            ticket_hash=uuid4().bytes,
            connection_id=self.connection,
            expires_at="2100-01-01T00:00:00Z",
        )
        told = {"connection_id": self.connection, "member_id": self.member, "days": 14}
        self.own("alerts", id=uuid4(), **told, next_run_at="2100-01-01T00:00:00Z")
        self.account = self.add(
            "clients_social_platforms",
            id=uuid4(),
            agency_id=self.agency.id,
            parent_id=self.id,
            connection_id=self.connection,
            platform="facebook_page",
            platform_account_id=uuid4().hex,
            platform_account_name="a Page",
        )

    def seed_policy(self) -> None:
        """Add who must agree to posts."""
        self.own("policies", version=1, mode="optional", someone_else=False, created_by=self.member)
        self.own("policy_stages", version=1, position=1, name="Agency", needs=1, roles=["author"])
        self.own("policy_stages", version=1, position=2, name="Client", needs=1, by_link=True)

    def seed_approval(self) -> None:
        """Add a post, and what somebody decided; even the owner can add only what that member says."""
        waits = {"state": "in_approval", "policy_version": 1, "round": 1, "stage": 1, "version": 1}
        post = self.own("posts", id=uuid4(), author_id=self.member, **waits)
        self.own("post_versions", post_id=post, version=1, created_by=self.member, **WORDS)
        about = {"post_id": post, "version": 1, "content_hash": "0", "round": 1, "stage": 1}
        said = {"id": uuid4(), "number": 0, "member_id": self.member, "decision": "rejected"}
        self.owner.execute("SELECT set_config('app.member_id', %s, false)", [str(self.member)])
        self.own("approvals", **about, **said)
        self.owner.execute("SELECT set_config('app.member_id', '', false)")
        asked = {"post_id": post, "round": 0, "stage": 1, "member_id": self.member}
        self.own("reminders", id=uuid4(), **asked, is_escalation=False)

    def seed_sign_off(self) -> None:
        """Add a post that waits for the client, and what that said by its link: the program alone adds it."""
        waits = {"state": "in_approval", "policy_version": 1, "round": 1, "stage": 2, "version": 1}
        post = self.own("posts", id=uuid4(), author_id=self.member, **waits)
        self.own("post_versions", post_id=post, version=1, created_by=self.member, **WORDS)
        asked = {"post_id": post, "round": 1, "stage": 2}
        until = {"token_hash": uuid4().bytes * 2, "expires_at": "2100-01-01T00:00:00Z"}
        link = self.own("sign_offs", id=uuid4(), **asked, made_by=self.member, **until)
        about = {"version": 1, "content_hash": "0", "sign_off_id": link}
        said = {"id": uuid4(), "number": 0, "reviewer_name": "Maya", "decision": "rejected"}
        self.owner.execute("SELECT set_config('app.program', 'on', false)")
        self.own("approvals", **asked, **about, **said)
        self.owner.execute("SELECT set_config('app.program', '', false)")

    def seed_post(self) -> None:
        """Add a picture, a post, its publication, and everything that hangs on them."""
        self.media = self.own("media", id=uuid4(), created_by=self.member, **PICTURE)
        said = {"author_id": self.member, "asked_by": self.member}
        self.post = self.own("posts", id=uuid4(), **said, state="publishing", version=1)
        of_post = {"post_id": self.post, "version": 1}
        self.own("post_versions", **of_post, created_by=self.member, media_id=self.media, **WORDS)
        self.publication = self.own("publications", id=uuid4(), **of_post, account_id=self.account, **DUE)
        self.own("steps", publication_id=self.publication, name="feed", generation=1, state="intent", fence=1)
        self.seed_approval()
        self.seed_sign_off()
        self.own("cards", post_id=self.post, channel_id="C1")
        self.own("outbox", id=uuid4(), post_id=self.post, kind="card")
        self.own("audit_logs", id=uuid4(), user_id="U1", action="post_submitted")
        waits = {"step": "cancel", "next_run_at": "2100-01-01T00:00:00Z"}
        self.own("departures", id=uuid4(), client_name="a client", **waits)


PICTURE = {
    "sha256": "0" * 64,
    "content_type": "image/png",
    "filename": "a.png",
    "width": 1,
    "height": 1,
    "size_bytes": 1,
}
WORDS = {"caption": "words", "account_ids": [], "content_hash": "0"}
DUE = {
    "kind": "facebook_text",
    "state": "scheduled",
    "due_at": "2100-01-01T00:00:00Z",
    "next_run_at": "2100-01-01T00:00:00Z",
}
