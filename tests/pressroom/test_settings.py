"""Every setting stands in .env.example, and what stands there is a setting; what is missing is named."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.vault import KeyRing
from pressroom import cli
from pressroom.demo import demo_settings, kept_key
from pressroom.settings import MissingSettings, Settings, require

CHECKED = {
    "public_url": "https://real.example",
    "slack_api_url": "https://real.example/api/",
    "facebook_url": "https://real.example",
    "graph_url": "https://real.example",
    "media_url": "s3://real",
    "database_url": "postgresql://real",
    "database_owner_url": "postgresql://real",
    "graph_version": "v4242.0",
    "log_level": "ERROR",
}
ROOT = Path(__file__).parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
DOCUMENTED = dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Read neither this machine's environment nor its .env."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_documents_every_setting_and_nothing_else() -> None:
    assert set(DOCUMENTED) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_setting_is_explained(name: str) -> None:
    """In the comment above it, which it may share with the settings beside it."""
    paragraph = next(
        text for text in EXAMPLE.split("\n\n") if re.search(rf"^(?:# )?{name}=", text, re.MULTILINE)
    )
    assert re.search(r"^# [A-Z][^=\n]{10,}", paragraph, re.MULTILINE)


def test_the_defaults_it_shows_are_the_defaults() -> None:
    defaults = Settings()
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.+)$", EXAMPLE, re.MULTILINE))
    secrets = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    plain = {name: value for name, value in shown.items() if name.lower() not in secrets}
    assert len(plain) > 5
    for name, value in plain.items():
        expected = Path(value).resolve() if name == "DATA_DIR" else value
        assert str(getattr(defaults, name.lower())) == str(expected), name


def test_the_example_itself_can_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE)
    settings = Settings()
    assert settings.encryption_keys is None
    assert settings.slack_bot_token is None
    assert settings.public_url.startswith("https://")


@pytest.mark.parametrize("place", ["environment", "file"])
def test_of_real_settings_the_demo_takes_the_folder_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    real = {
        name: "4242" if field.annotation is int else "real" for name, field in Settings.model_fields.items()
    } | CHECKED
    if place == "file":
        (tmp_path / ".env").write_text("\n".join(f"{name.upper()}={value}" for name, value in real.items()))
    for name, value in real.items() if place == "environment" else ():
        monkeypatch.setenv(name.upper(), value)
    assert Settings().log_level == "ERROR"
    settings = demo_settings(1, 2, 3)
    assert settings.data_dir == tmp_path / "real" / "demo"
    for name, value in settings.model_dump(exclude={"data_dir", "media_url"}).items():
        shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        assert shown not in real.values(), name
    assert settings.media_url == (settings.data_dir / "media").as_uri()


def test_the_demo_keeps_its_key(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "encryption.key"
    key = kept_key(path)
    assert kept_key(path) == key
    assert KeyRing.parse(key.get_secret_value()).ids
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_show_themselves_to_nobody() -> None:
    settings = Settings(
        encryption_keys=SecretStr("k1:hush"), database_url=SecretStr("postgres://u:hush@db/p")
    )
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings.model_dump())


def test_what_is_missing_is_named_with_where_to_get_it() -> None:
    with pytest.raises(MissingSettings) as missing:
        require(Settings())
    for name in (
        "FACEBOOK_CLIENT_ID",
        "FACEBOOK_CLIENT_SECRET",
        "ENCRYPTION_KEYS",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ):
        assert f"  {name}: " in str(missing.value)


@pytest.mark.parametrize(
    ("given", "missing"),
    [("slack_client_id", "SLACK_CLIENT_SECRET"), ("slack_client_secret", "SLACK_CLIENT_ID")],
)
def test_one_half_of_what_belongs_together_names_the_other(given: str, missing: str) -> None:
    with pytest.raises(MissingSettings) as found:
        require(Settings.model_validate({given: "1"}))
    assert f"  {missing}: the Client" in str(found.value)
    assert f"that goes with {given.upper()} (docs/slack-app.md, Many workspaces)" in str(found.value)
    assert "SLACK_BOT_TOKEN" not in str(found.value)
    assert "\n## Many workspaces\n" in (ROOT / "docs/slack-app.md").read_text()


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://127.0.0.1:8000/", "https://[::1]:8/x", "https://a_b.example/api/"]
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert Settings(graph_url=url).graph_url == url


def test_pictures_can_be_kept_in_a_folder_that_is_written_as_one(tmp_path: Path) -> None:
    assert Settings(media_url=str(tmp_path / "a b")).media_url == (tmp_path / "a b").as_uri()


def test_the_steps_it_points_at_exist() -> None:
    with pytest.raises(MissingSettings) as missing:
        require(Settings())
    steps = re.findall(r"\((docs/[a-z-]+\.md), step (\d)\)", str(missing.value))
    assert len(steps) == 4
    for page, step in steps:
        assert re.search(rf"^## {step}\. ", (ROOT / page).read_text(), re.MULTILINE), f"{page}, step {step}"


@pytest.mark.parametrize(
    "slack",
    [
        {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s"},
        {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"},
        {"slack_client_id": "1", "slack_client_secret": "s", "slack_signing_secret": "s"},
    ],
)
def test_each_way_of_running_is_complete(slack: dict[str, str]) -> None:
    settings = Settings.model_validate(
        {"facebook_client_id": "1", "facebook_client_secret": "s", "encryption_keys": "k:1", **slack}
    )
    require(settings)
    assert settings.socket_mode == ("slack_app_token" in slack)
    assert settings.many_workspaces == ("slack_client_id" in slack)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "abc", "PORT: Input should be a valid integer"),
        ("PUBLIC_URL", "pressroom.example.com", "PUBLIC_URL: begin it with https://"),
        (
            "DATABASE_URL",
            "mysql://a:hush@b/c",
            "DATABASE_URL: write postgresql://name:password@host:port/database",
        ),
        ("DATABASE_URL", "postgresql://a:hush@b:x/d", "in the password %2F for / and the like"),
        ("PUBLIC_URL", "https://", "PUBLIC_URL: begin it with https:// and the name of a host"),
        ("GRAPH_URL", "https://a:hush@b", "GRAPH_URL: begin it with https:// and the name of a host"),
        ("GRAPH_VERSION", "25", "GRAPH_VERSION: write it like v25.0"),
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY: Input should be greater than or equal to 1"),
        ("MEDIA_URL", "ftp://a:hush@b/c", "MEDIA_URL: write a folder from / on, or s3://bucket/prefix"),
        ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL: begin it with https://"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: write DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert "hush" not in said
