"""Look up whether a weakness is known in anything that is locked, where the list of them can be reached.

As a program: ends with 1 if there is one. The list is OSV's: https://google.github.io/osv.dev/post-v1-querybatch/
"""

import re
import sys
from pathlib import Path

import httpx

LOCK = Path(__file__).parent.parent / "requirements-dev.txt"
LIST = "https://api.osv.dev/v1/querybatch"
PIN = re.compile(r"^([\w.-]+)==([\w.!+]+)", re.MULTILINE)
TIMEOUT = 15  # seconds
NOT_AUDITED = "The locked packages were not audited: the list of known weaknesses cannot be reached here."


def main(address: str = LIST) -> None:
    """Say what is known, or that nobody can be asked here; end with 1 if anything is."""
    try:
        found = known(LOCK.read_text(), address)
    except httpx.HTTPError:
        sys.stderr.write(f"{NOT_AUDITED}\n")
    else:
        sys.exit("\n".join(found) if found else 0)


def known(lock: str, address: str) -> list[str]:
    """Give a sentence for every known weakness in what a lock pins; httpx's errors if nobody answers."""
    pins = PIN.findall(lock)
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in pins]
    answer = httpx.post(address, json={"queries": queries}, timeout=TIMEOUT).raise_for_status().json()
    return [
        f"{name} {version} has a known weakness: https://osv.dev/vulnerability/{weakness['id']}"
        for (name, version), result in zip(pins, answer["results"], strict=True)
        for weakness in result.get("vulns", [])
    ]


if __name__ == "__main__":
    main()
