"""What files are, told from their first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import kinds


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\xef\xbb\xbf\n  <HTML lang=en>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<svg>", "an SVG drawing"),
        (b"<?xml version='1.0'?><rss>", "an XML file"),
        (b'{"ok": false}', "data (JSON)"),
        ("Grüße".encode(), "text"),
        (b"x" + "é".encode() * 600, "text"),
        (b"\x00\x00\x00\x20ftypisom", "a video"),
        (b"\x00\x00\x00\x14ftypqt  ", "a video"),
        (b"\x00\x00\x00\x20ftypM4A ", "a sound recording"),
        (b"\x1a\x45\xdf\xa3\x01", "a video"),
        (b"PK\x03\x04\x14", "a ZIP archive or an Office document"),
        (b"8BPS\x00\x01", "a Photoshop file"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "a camera's raw file"),
        (b"", "an empty file"),
        (b"\x00\x01\x02\x03", "a file of a kind we do not know"),
        (b"\xff\xfe\xfd", "a file of a kind we do not know"),
    ],
)
def test_what_is_no_picture(start: bytes, words: str) -> None:
    assert kinds.of(start) == kinds.Kind(words)


@pytest.mark.parametrize(
    "start",
    [
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x00\x00\x00\x1cftypheic",
        b"\x00\x00\x00\x1cftypmif1",
        b"\x00\x00\x00\x1cftypavif",
        b"II*\x00",
        b"MM\x00*",
        b"BM6$",
    ],
)
def test_what_is_a_picture(start: bytes) -> None:
    assert kinds.of(start).is_picture


@given(st.binary(max_size=1500))
def test_everything_is_something(data: bytes) -> None:
    assert kinds.of(data).words
