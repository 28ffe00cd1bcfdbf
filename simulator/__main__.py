"""`python -m simulator slack` and `python -m simulator meta`."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from simulator.parent import end_with_parent
from simulator.server import bind, listening_at, serve
from simulator.state_file import Taken, held


def main() -> None:
    """Serve one simulated platform until a signal ends it."""
    options = vars(_arguments().parse_args())
    platform, host = options.pop("platform"), options.pop("host")
    if options.pop("with_parent"):
        end_with_parent()
    try:
        with held(options["data"]):
            bound = bind(options.pop("port"), host)
            options["address"] = (options["address"] or listening_at(bound)).rstrip("/")
            serve(import_module(f"simulator.{platform}.app").build(**options), bound)
    except Taken as taken:
        sys.exit(str(taken))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    platforms = parser.add_subparsers(dest="platform", required=True)
    _slack(
        platforms.add_parser("slack", help="Slack: Web API, deliveries, Socket Mode, and a page to act on")
    )
    _meta(platforms.add_parser("meta", help="Meta: login dialog, Graph API, and what the public sees"))
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--address", help="how others reach it; by default http://127.0.0.1:PORT")
    parser.add_argument(
        "--data", type=Path, help="folder in which its state survives; by default only in memory"
    )
    parser.add_argument("--with-parent", action="store_true", help="end when stdin does, as its parent ends")


def _slack(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument(
        "--manifest", type=Path, dest="manifest_path", help="the app's manifest, YAML or JSON"
    )
    parser.add_argument("--app-url", help="the app's Request URL, for HTTP mode")
    parser.add_argument("--bot-token", default="xoxb-simulator-bot")
    parser.add_argument("--app-token", default="xapp-simulator-app")
    parser.add_argument("--signing-secret", default="simulator-signing-secret")
    parser.add_argument("--client-id", default="simulator-client-id")
    parser.add_argument("--client-secret", default="simulator-client-secret")


def _meta(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--app-id", default="1234567890123456")
    parser.add_argument("--app-secret", default="simulator-app-secret")
    parser.add_argument("--redirect-uri", action="append", default=[], dest="redirect_uris")
    parser.add_argument("--deauthorize-url", help="who is told when a person removes the app")
    parser.add_argument("--deletion-url", help="who is told when a person wants their data deleted")
    parser.add_argument("--require-proof", action="store_true", help="refuse calls without appsecret_proof")


if __name__ == "__main__":
    main()
