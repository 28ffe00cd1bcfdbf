"""What make check says of known weaknesses, against a list of our own, and that it reads the whole lock."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from tests import advisories

LOCK = "old==1.0 \\\n    --hash=sha256:00\n    # via sound\nsound==2.1.post1 \\\n    --hash=sha256:00\n"


class Osv(BaseHTTPRequestHandler):
    """Knows of one weakness, in old 1.0: https://google.github.io/osv.dev/post-v1-querybatch/"""

    asked: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        self.asked.extend(queries)
        old = {"package": {"name": "old", "ecosystem": "PyPI"}, "version": "1.0"}
        known = {"vulns": [{"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z"}]}
        body = json.dumps({"results": [known if query == old else {} for query in queries]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def osv() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_known_weakness_is_named_with_where_to_read_about_it(osv: str) -> None:
    assert advisories.known(LOCK, osv) == [
        "old 1.0 has a known weakness: https://osv.dev/vulnerability/GHSA-1"
    ]


def test_where_none_is_known_there_is_nothing_to_say(osv: str) -> None:
    assert advisories.known("sound==2.1.post1 \\\n", osv) == []


def test_all_that_is_locked_is_asked_about(osv: str) -> None:
    Osv.asked.clear()
    lock = advisories.LOCK.read_text()
    assert advisories.known(lock, osv) == []
    assert len(Osv.asked) == lock.count("==") > 80


def test_where_nobody_can_be_asked_it_says_so_and_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    advisories.main("http://127.0.0.1:1/")
    assert "were not audited" in capsys.readouterr().err
