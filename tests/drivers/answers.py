"""All that an app answered over HTTP: pages, error pages, redirects, and what Slack and Meta were told."""

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from tests.drivers.left import unpacked


class Answers:
    """Stands before an app, and writes down what goes out: headers and bodies."""

    def __init__(self, app: Starlette) -> None:
        self.app, self.state = app, app.state
        self.bodies: list[bytearray] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer."""
        self.bodies.append(body := bytearray())

        async def sending(message: Message) -> None:
            for name, value in message.get("headers", ()):
                self.bodies.append(bytearray(name + b": " + value))
            body.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, sending)

    def __str__(self) -> str:
        """Give all of it, and what is packed in it."""
        return "\n".join(text for body in self.bodies for _, text in unpacked("", bytes(body)))
