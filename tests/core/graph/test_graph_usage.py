import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.graph import usage


def test_all_three_headers_are_read():
    used = usage.read(
        {
            "x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}',
            "X-Page-Usage": '{"call_count":2,"total_time":61,"total_cputime":5}',
            "X-Business-Use-Case-Usage": json.dumps(
                {
                    "17841405822304914": [
                        {"type": "instagram", "call_count": 97, "estimated_time_to_regain_access": 12},
                        {"type": "pages", "total_cputime": 40, "estimated_time_to_regain_access": 7},
                    ],
                    "1353269864728879": [{"type": "pages", "call_count": 5}],
                }
            ),
        }
    )
    assert used is not None
    assert (used.app, used.page, used.percent) == (28, 61, 97)
    assert used.accounts == {"17841405822304914": 97, "1353269864728879": 5}
    assert used.regain == timedelta(minutes=12)


def test_an_answer_that_tells_nothing_has_no_usage():
    assert usage.read({"Content-Type": "application/json"}) is None


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_a_header_that_makes_no_sense_is_passed_over(text: str):
    usage.read({"X-App-Usage": text, "X-Business-Use-Case-Usage": text})
    usage.read(
        {"X-Business-Use-Case-Usage": json.dumps({"1": text, "2": [text], "3": [{"call_count": text}]})}
    )
