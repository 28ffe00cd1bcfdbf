"""Logs carry no secrets, whoever writes them."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from core.services import Services
from pressroom.logs import scrub
from pressroom.schema import Addresses

CANARIES = [
    "xoxb-123456789012-canarycanary",
    "xapp-1-A0CANARY-123456-canary",
    "EAABsbCS1iHgBAcanarycanarycanary",
    "Bearer canary.canary-canary",
    "https://hooks.slack.com/commands/T1/2/canary",
    "https://example.com/connect?ticket=canarycanary",
    "https://example.com/callback?code=canarycanary&state=canarycanary",
    "https://graph.example/me?appsecret_proof=canarycanary&fields=id",
    "https://graph.example/debug_token?input_token=canarycanary",
    "https://example.com/exports/1790000000.canary-canary_canary/0b1c0b1c.zip",
    "https://example.com/media/1790000000.canary-canary_canary/0b1c/instagram_business-keep.jpg",
    "postgresql+psycopg://pressroom:canary@db.example/pressroom",
    "postgres://owner:can:ary@canary@db.example:5432/pressroom?sslmode=require",
]


@pytest.mark.parametrize("canary", CANARIES)
def test_whatever_looks_like_a_secret_is_blotted_out(canary: str):
    assert "canary" not in scrub(f"asked {canary} just now")


@pytest.mark.parametrize(
    "plain",
    [
        "EAA is a prefix",
        "the code of conduct",
        "Bearer of news",
        "state: published",
        "http://127.0.0.1:8000/media/ and somebody@example.com",
        "postgresql://db.example:5432/pressroom",
    ],
)
def test_plain_words_stay(plain: str):
    assert scrub(plain) == plain


def test_what_holds_secrets_does_not_show_them(services: Services):
    hush = "postgresql://program:canary@db.example/pressroom"
    shown = repr(Addresses(hush, hush)) + repr(replace(services, signing_key=b"canary"))
    assert "canary" not in shown


PROGRAM = """
import logging, os, structlog
from pressroom.logs import configure

canary = os.environ["CANARY"]
configure("DEBUG")
structlog.get_logger("ours").info("asked", url=canary, nested={"said": [canary]})
logging.getLogger("theirs").warning("asked %s", canary)
try:
    raise RuntimeError(canary)
except RuntimeError:
    logging.getLogger("theirs").exception("it broke")
"""


@pytest.mark.parametrize("canary", CANARIES)
def test_our_lines_theirs_and_tracebacks_are_scrubbed(canary: str):
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, env=os.environ | {"CANARY": canary}, capture_output=True, text=True, check=True
    )
    assert done.stderr.count("asked") == 2
    assert "it broke" in done.stderr
    assert "RuntimeError" in done.stderr
    assert "canary" not in done.stderr.replace("CANARY", "")
