"""Graph's errors, in the shape and with the codes that the real one answers with.

https://developers.facebook.com/docs/graph-api/guides/error-handling
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
"""

from typing import Any


class GraphError(Exception):
    """A call that Graph refuses."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        status: int = 400,
        kind: str = "OAuthException",
        title: str | None = None,
        advice: str | None = None,
        transient: bool | None = None,
    ) -> None:
        """Take what the answer says; `title` and `advice` are its error_user_title and error_user_msg."""
        super().__init__(message)
        self.code, self.message, self.subcode, self.status = code, message, subcode, status
        self.kind, self.title, self.advice, self.transient = kind, title, advice, transient

    def answer(self, trace_id: str) -> dict[str, Any]:
        """Return the JSON of the answer; what was not said is left out."""
        said = {
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "error_subcode": self.subcode,
            "is_transient": self.transient,
            "error_user_title": self.title,
            "error_user_msg": self.advice,
            "fbtrace_id": trace_id,
        }
        return {"error": {name: value for name, value in said.items() if value is not None}}

    @property
    def challenge(self) -> str:
        """The value of the header WWW-Authenticate."""
        word = "invalid_token" if self.code in (102, 190) else "invalid_request"
        said = "".join(letter if " " <= letter <= "~" else "?" for letter in self.message)
        return f'OAuth "Facebook Platform" "{word}" "{said}"'


def unknown_object(node_id: str, method: str = "get") -> GraphError:
    """Say that the object is missing, or that this token may not see it."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        subcode=33,
        kind="GraphMethodException",
    )


def unknown_field(name: str, kind: str) -> GraphError:
    """Say that the node has no such field."""
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})")


def invalid(message: str, *, subcode: int | None = None, advice: str | None = None) -> GraphError:
    """Say that a parameter is wrong."""
    return GraphError(100, f"(#100) {message}", subcode=subcode, advice=advice)


def missing(name: str) -> GraphError:
    """Say that a parameter is missing."""
    return GraphError(100, f"(#100) The parameter {name} is required")


def no_permission(scope: str) -> GraphError:
    """Say that the person did not allow this: code 10 for Instagram and reads, 200 for the rest."""
    if scope.startswith("instagram_"):
        return GraphError(10, "(#10) Application does not have permission for this action", status=403)
    if scope == "pages_read_engagement":
        text = f"(#10) This endpoint requires the '{scope}' permission or the 'Page Public Content Access'"
        return GraphError(10, f"{text} feature.", status=403)
    return GraphError(200, f"(#200) Requires {scope} permission to manage the object", status=403)


def instagram(code: int, subcode: int, message: str, title: str, advice: str) -> GraphError:
    """Say one of Instagram's own, with the sentence that is meant for the person."""
    return GraphError(code, message, subcode=subcode, title=title, advice=advice, transient=False)
