from typing import Any

import pytest

from simulator.meta.errors import GraphError
from simulator.meta.fields import Wanted, parse


def test_fields_have_fields_and_arguments():
    assert parse("id, page{id,name},comments.limit(0).summary(true)") == (
        Wanted("id"),
        Wanted("page", (Wanted("id"), Wanted("name"))),
        Wanted("comments", None, (("limit", "0"), ("summary", "true"))),
    )


@pytest.mark.parametrize("text", ["id{", "a b", "id,,name", "x.limit(", "id}", "{id}", "é"])
def test_a_syntax_error_is_graphs_own(text: Any):
    with pytest.raises(GraphError) as refused:
        parse(text)

    assert refused.value.code == 2500
