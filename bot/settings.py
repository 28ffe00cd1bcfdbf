"""What the bot must know to talk to Slack; pressroom/wiring.py fills it in from the settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout

from core.vault import Token

SCOPES = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:read",
    "im:history",
    "im:write",
    "metadata.message:read",
    "users:read",
)
"""What the bot asks for; the manifests name the same, and docs/slack-app.md says why."""


TIMEOUT = ClientTimeout(total=10)  # seconds for one call


@dataclass(frozen=True)
class SlackSettings:
    """Addresses and secrets. One workspace needs `bot_token`, many need `client_id` and `client_secret`."""

    api_url: str = "https://slack.com/api/"
    signing_secret: Token | None = None  # without it, requests over HTTP are refused
    bot_token: Token | None = None
    app_token: Token | None = None  # with it, requests come through a socket that we open
    client_id: str | None = None
    client_secret: Token | None = None
    session: ClientSession | None = None  # kept open, so that not every call has to connect anew

    @property
    def many_workspaces(self) -> bool:
        """Whether any workspace may install the bot, by Slack's OAuth."""
        return self.client_id is not None and self.client_secret is not None

    @property
    def authorize_url(self) -> str:
        """The page on which a person installs the bot."""
        return self.api_url.removesuffix("api/") + "oauth/v2/authorize"

    @property
    def open_url(self) -> str:
        """The page that leads into Slack, to the bot."""
        return self.api_url.removesuffix("api/") + "app_redirect"

    def may_see_token(self, url: str) -> bool:
        """Whether an address is Slack's own, so that the bot's token may be sent there."""
        asked, api = urlsplit(url), urlsplit(self.api_url)
        if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
            return True
        host = asked.hostname or ""
        return asked.scheme == "https" and api.hostname == "slack.com" and host.endswith(".slack.com")
