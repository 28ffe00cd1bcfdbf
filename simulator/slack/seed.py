"""The workspace as everybody finds it: Brightside, an agency, and Otto of Northwind Coffee, its client."""

import io

from PIL import Image, ImageDraw

from simulator.slack.manifest import Manifest
from simulator.slack.platform import App
from simulator.slack.world import Channel, File, Message, Person, Team, Token, World
from simulator.state_file import Blobs

BRIGHTSIDE, NORTHWIND = "T0BRIGHT01", "T0NORTHW01"
ADA, DANA, LEE, OTTO = "U0ADA00001", "U0DANA0001", "U0LEE00001", "U0OTTO0001"
BOT_USERS = {BRIGHTSIDE: "U0PRESSBOT", NORTHWIND: "U0PRESSBO2"}
BOT_IDS = {BRIGHTSIDE: "B0PRESSBOT", NORTHWIND: "B0PRESSBO2"}
FIRST_DAY = 1_790_000_000


def seed(app: App, manifest: Manifest, blobs: Blobs) -> World:
    """Return a new world, with the app installed in Brightside, and keep the bytes of its picture."""
    world = World(
        teams={
            BRIGHTSIDE: Team(id=BRIGHTSIDE, name="Brightside", domain="brightside"),
            NORTHWIND: Team(id=NORTHWIND, name="Northwind Coffee", domain="northwindcoffee"),
        },
        people={person.id: person for person in (*_people(), *_bots(manifest))},
        channels={channel.id: channel for channel in _channels()},
        installed=[BRIGHTSIDE],
        last_ts=FIRST_DAY * 1_000_000,
    )
    world.messages = {channel_id: {} for channel_id in world.channels}
    scopes = manifest.oauth_config.scopes.bot
    world.tokens[app.bot_token] = Token(token=app.bot_token, kind="bot", team_id=BRIGHTSIDE, scopes=scopes)
    world.tokens[app.app_token] = Token(token=app.app_token, kind="app", scopes=["connections:write"])
    _picture(world, blobs)
    return world


def _people() -> list[Person]:
    return [
        Person(
            id=ADA, team_id=BRIGHTSIDE, name="ada", real_name="Ada Lindqvist", tz="Europe/Stockholm",
            email="ada@brightside.example", color="1f7a8c", is_admin=True, is_owner=True,
        ),
        Person(
            id=DANA, team_id=BRIGHTSIDE, name="dana", real_name="Dana Reyes", tz="America/New_York",
            email="dana@brightside.example", color="c1440e",
        ),
        Person(
            id=LEE, team_id=BRIGHTSIDE, name="lee", real_name="Lee Okafor", tz="Europe/London",
            email="lee@brightside.example", color="3a5a40",
        ),
        Person(
            id=OTTO, team_id=NORTHWIND, name="otto", real_name="Otto Brandt", tz="Europe/Berlin",
            email="otto@northwind.example", color="6d597a", is_admin=True, is_owner=True,
        ),
    ]  # fmt: skip


def _bots(manifest: Manifest) -> list[Person]:
    name = manifest.bot_name
    handle = name.lower().replace(" ", "")
    return [
        Person(id=BOT_USERS[team], team_id=team, name=handle, real_name=name, is_bot=True)
        for team in BOT_USERS
    ]


def _channels() -> list[Channel]:
    bot = BOT_USERS[BRIGHTSIDE]
    return [
        _channel("C0GENERAL1", "general", [ADA, DANA, LEE, bot]),
        _channel(
            "C0NORTHW01", "northwind", [ADA, DANA, LEE, OTTO, bot], shared_team_ids=[BRIGHTSIDE, NORTHWIND]
        ),
        _channel("C0HARBOR01", "harbor-books", [ADA, DANA, bot]),
        _channel("C0QUIET001", "quiet", [ADA, DANA, LEE]),
        _channel("G0BOARD001", "board", [ADA, LEE], is_private=True),
        Channel(
            id="C0ROASTERY",
            name="roastery",
            team_id=NORTHWIND,
            created=FIRST_DAY,
            creator=OTTO,
            member_ids=[OTTO],
        ),
    ]


def _channel(channel_id: str, name: str, members: list[str], **more: object) -> Channel:
    return Channel.model_validate(
        {
            "id": channel_id, "name": name, "team_id": BRIGHTSIDE, "created": FIRST_DAY, "creator": ADA,
            "member_ids": members, **more,
        }
    )  # fmt: skip


def _picture(world: World, blobs: Blobs) -> None:
    content = _latte()
    blobs.put("F0LATTE0001", content)
    world.files["F0LATTE0001"] = File(
        id="F0LATTE0001", user=DANA, team_id=BRIGHTSIDE, name="autumn-latte.jpg", title="Autumn latte",
        created=FIRST_DAY, size=len(content), mimetype="image/jpeg", filetype="jpg", width=1080, height=1080,
        state="complete", channels=["C0GENERAL1"],
    )  # fmt: skip
    ts = f"{FIRST_DAY}.000100"
    world.messages["C0GENERAL1"][ts] = Message(
        ts=ts, channel="C0GENERAL1", user=DANA, text="The autumn latte is back. Isn't it lovely?",
        file_ids=["F0LATTE0001"],
    )  # fmt: skip


def _latte() -> bytes:
    """Draw a cup from above, so that no picture of anybody's is needed."""
    image = Image.new("RGB", (1080, 1080), "#e9d8c3")
    draw = ImageDraw.Draw(image)
    draw.ellipse((190, 190, 890, 890), fill="#fbf7f0", outline="#d2b48c", width=8)
    draw.ellipse((260, 260, 820, 820), fill="#b5793f")
    for step in range(5):
        inset = 60 * step
        draw.ellipse((330 + inset // 2, 330 + inset, 750 - inset // 2, 750), outline="#f6e3c5", width=18)
    draw.ellipse((850, 480, 1010, 640), outline="#fbf7f0", width=36)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
