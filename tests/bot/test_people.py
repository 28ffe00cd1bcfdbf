"""Who somebody is, by what Slack says; and whose name was erased."""

from bot.current import People
from bot.installations import Installations, web_client
from bot.settings import SlackSettings
from core import agencies, people
from core.agencies import Person
from core.db import Origin
from core.services import Services
from core.vault import Token
from tests.bot.conftest import BOT, SECRET

LEE, BOSS = "U0LEE00001", Person("U0BOSS0001", "Ada", "UTC", is_admin=True, is_guest=False)


async def test_an_erased_name_comes_back_with_whoever_does_something(slack: str, services: Services) -> None:
    settings = SlackSettings(f"{slack}/api/", Token(SECRET), bot_token=BOT)
    installed = await Installations(services, settings).own()
    assert installed
    client, known = web_client(settings, BOT), People(services.db)
    name = (await known.anyone(client, installed, LEE, is_here=True)).name
    boss = agencies.actor_of(await agencies.welcome(services.db, installed.agency_id, BOSS), Origin())
    await people.erase(services, boss, LEE)
    known.forget(installed.agency_id, LEE)
    assert (await known.anyone(client, installed, LEE)).name == "Erased"  # somebody chose them in a list
    assert (await known.anyone(client, installed, LEE, is_here=True)).name == name != "Erased"
