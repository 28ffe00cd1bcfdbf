"""Every setting, from the environment or a file `.env`. Each is explained in `.env.example`."""

import re
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

Text = TypeVar("Text", str, SecretStr)


def written(pattern: str, how: str) -> AfterValidator:
    """Take only what is written like this; the error says how, and shows nothing of what was there."""

    def check(value: Text) -> Text:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not re.fullmatch(pattern, text):
            raise ValueError(how)
        return value

    return AfterValidator(check)


def database_url(value: SecretStr) -> SecretStr:
    """Take only what can be read as the address of a PostgreSQL; the error shows nothing of it."""
    try:
        kind = make_url(value.get_secret_value()).drivername
    except (ArgumentError, ValueError):
        kind = ""
    if kind not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError(
            "write postgresql://name:password@host:port/database, and in the password %2F for / and the like"
        )
    return value


DatabaseURL = Annotated[SecretStr, AfterValidator(database_url)]
WebURL = Annotated[
    str,
    written(
        r"(https?://([^\s/:@\[\]]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?(/\S*)?)?",
        "begin it with https:// and the name of a host",
    ),
]
MediaURL = Annotated[
    str,
    written(
        "(/.*|(file:///|(s3a?|gs|az|azure|adl|abfss?|https)://).+)?",
        "write a folder from / on, or s3://bucket/prefix, gs://bucket/prefix or az://container/prefix",
    ),
]
GraphVersion = Annotated[str, written(r"v\d+\.\d+", "write it like v25.0")]
LogLevel = Annotated[
    str, written("(?i)debug|info|warning|error|critical", "write DEBUG, INFO, WARNING, ERROR or CRITICAL")
]


class Settings(BaseSettings):
    """What an operator decides. Secrets show themselves to nobody."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(8000, ge=0, le=65535)
    public_url: WebURL = ""
    data_dir: Path = Path(".data")
    media_url: MediaURL = ""

    database_url: DatabaseURL | None = None
    database_owner_url: DatabaseURL | None = None

    encryption_keys: SecretStr | None = None
    encryption_key_id: str | None = None

    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    slack_api_url: WebURL = "https://slack.com/api/"

    facebook_client_id: str | None = None
    facebook_client_secret: SecretStr | None = None
    facebook_config_id: str | None = None
    facebook_url: WebURL = "https://www.facebook.com"
    graph_url: WebURL = "https://graph.facebook.com"
    graph_version: GraphVersion = "v25.0"

    worker_concurrency: int = Field(20, ge=1)
    log_level: LogLevel = "INFO"

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Fill in what follows from other settings."""
        self.data_dir = self.data_dir.expanduser().resolve()
        self.public_url = (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        folder = self.media_url or str(self.data_dir / "media")
        self.media_url = Path(folder).as_uri() if folder.startswith("/") else folder
        self.slack_api_url = self.slack_api_url.rstrip("/") + "/"
        return self

    @property
    def socket_mode(self) -> bool:
        """Whether Slack's requests come through a socket that we open."""
        return self.slack_app_token is not None

    @property
    def many_workspaces(self) -> bool:
        """Whether any workspace may install the bot, by Slack's OAuth."""
        return self.slack_client_id is not None and self.slack_client_secret is not None


def unreadable(wrong: ValidationError) -> str:
    """Say of each setting that cannot be read what is wrong with it; nothing of what was written there."""
    lines = [
        f"  {str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
        for one in wrong.errors()
    ]
    return "\n".join(["Change these, in the environment or in .env:", *lines])


class MissingSettings(RuntimeError):
    """Something that Pressroom cannot run without is not set."""


NEEDED = {
    "FACEBOOK_CLIENT_ID": "the App ID of your Meta app (docs/meta-app.md, step 2)",
    "FACEBOOK_CLIENT_SECRET": "the App secret of your Meta app (docs/meta-app.md, step 2)",
    "ENCRYPTION_KEYS": "the keys that seal tokens: `pressroom keys generate` prints the first",
}


WORKSPACE = {
    "SLACK_BOT_TOKEN": "the Bot User OAuth Token of your Slack app (docs/slack-app.md, step 3);"
    " or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, to let workspaces install it"
}
DELIVERIES = {
    "SLACK_SIGNING_SECRET": "the Signing Secret of your Slack app (docs/slack-app.md, step 2);"
    " or SLACK_APP_TOKEN, for Socket Mode"
}


HALVES = {
    "SLACK_CLIENT_ID": "the Client ID that goes with SLACK_CLIENT_SECRET",
    "SLACK_CLIENT_SECRET": "the Client Secret that goes with SLACK_CLIENT_ID",
}


def missing_half(settings: Settings) -> dict[str, str]:
    """Give which of the two is missing that let workspaces install the bot, when the other is there."""
    missing = {name: why for name, why in HALVES.items() if getattr(settings, name.lower()) is None}
    return missing if len(missing) == 1 else {}


def require(settings: Settings) -> None:
    """Raise MissingSettings with one line for each that is missing, saying where to get it."""
    missing = {name: why for name, why in NEEDED.items() if getattr(settings, name.lower()) is None}
    if not (settings.slack_bot_token or settings.many_workspaces):
        missing |= {
            name: f"{why} (docs/slack-app.md, Many workspaces)"
            for name, why in missing_half(settings).items()
        } or WORKSPACE
    if not (settings.slack_signing_secret or settings.slack_app_token):
        missing |= DELIVERIES
    if missing:
        lines = [f"  {name}: {why}" for name, why in missing.items()]
        raise MissingSettings("Set these, in the environment or in .env:\n" + "\n".join(lines))
