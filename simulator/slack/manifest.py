"""The app's manifest: what Slack lets the app do is what it declares, no more."""

import json
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message_metadata_deleted": "metadata.message:read",
    "message_metadata_posted": "metadata.message:read",
}

SCOPES = (
    "app_mentions:read channels:history channels:join channels:manage channels:read chat:write "
    "chat:write.public commands files:read files:write groups:history groups:read im:history im:read "
    "im:write metadata.message:read reactions:write team:read users:read users:read.email"
)


class Open(BaseModel):
    """A part of a manifest; what the simulator does not read is left alone."""

    model_config = ConfigDict(extra="ignore")


class Display(Open):
    """`display_information`."""

    name: str = "App"
    description: str = ""


class AppHome(Open):
    """`features.app_home`."""

    home_tab_enabled: bool = False
    messages_tab_enabled: bool = False
    messages_tab_read_only_enabled: bool = False


class Command(Open):
    """One of `features.slash_commands`."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


class Shortcut(Open):
    """One of `features.shortcuts`."""

    name: str
    type: str
    callback_id: str
    description: str = ""


class BotUser(Open):
    """`features.bot_user`."""

    display_name: str = ""


class Features(Open):
    """`features`."""

    app_home: AppHome = AppHome()
    bot_user: BotUser = BotUser()
    shortcuts: list[Shortcut] = Field(default_factory=list)
    slash_commands: list[Command] = Field(default_factory=list)


class Scopes(Open):
    """`oauth_config.scopes`."""

    bot: list[str] = Field(default_factory=list)


class OAuthConfig(Open):
    """`oauth_config`."""

    redirect_urls: list[str] = Field(default_factory=list)
    scopes: Scopes = Scopes()


class MetadataSubscription(Open):
    """One of `settings.event_subscriptions.metadata_subscriptions`."""

    app_id: str
    event_type: str


class Events(Open):
    """`settings.event_subscriptions`."""

    bot_events: list[str] = Field(default_factory=list)
    metadata_subscriptions: list[MetadataSubscription] = Field(default_factory=list)


class Interactivity(Open):
    """`settings.interactivity`."""

    is_enabled: bool = False


class ManifestSettings(Open):
    """`settings`."""

    event_subscriptions: Events = Events()
    interactivity: Interactivity = Interactivity()
    token_rotation_enabled: bool = False


class Manifest(Open):
    """The whole manifest.

    https://docs.slack.dev/reference/app-manifest
    """

    display_information: Display = Display()
    features: Features = Features()
    oauth_config: OAuthConfig = OAuthConfig()
    settings: ManifestSettings = ManifestSettings()

    @property
    def bot_name(self) -> str:
        """What people see and mention."""
        return self.features.bot_user.display_name or self.display_information.name

    def command(self, name: str) -> Command | None:
        """Return the declared slash command of this name."""
        return next((known for known in self.features.slash_commands if known.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        """Return the declared shortcut with this callback id."""
        return next((known for known in self.features.shortcuts if known.callback_id == callback_id), None)

    def hears(self, event: str) -> bool:
        """Say whether the app subscribed to this event (`message.im` and the like) and has its scope."""
        scope = EVENT_SCOPES.get(event)
        return event in self.settings.event_subscriptions.bot_events and (
            scope is None or scope in self.oauth_config.scopes.bot
        )

    def hears_metadata(self, event: str, event_type: str, app_id: str) -> bool:
        """Say whether the app subscribed to what becomes of this metadata; `*` is any app's."""
        wanted = self.settings.event_subscriptions.metadata_subscriptions
        return self.hears(event) and any(
            one.event_type == event_type and one.app_id in ("*", app_id) for one in wanted
        )


def load(path: Path) -> Manifest:
    """Read a manifest, YAML or JSON. Raises ValueError for what is neither, and for wrong types."""
    text = path.read_text(encoding="utf-8")
    return Manifest.model_validate(json.loads(text) if path.suffix == ".json" else yaml.safe_load(text))


def generous() -> Manifest:
    """Return the manifest of an app that declared none: every scope and event, no command, no shortcut."""
    home = AppHome(home_tab_enabled=True, messages_tab_enabled=True)
    events = [*EVENT_SCOPES, "app_home_opened", "app_uninstalled", "tokens_revoked"]
    return Manifest(
        features=Features(app_home=home),
        oauth_config=OAuthConfig(scopes=Scopes(bot=SCOPES.split())),
        settings=ManifestSettings(event_subscriptions=Events(bot_events=events)),
    )
