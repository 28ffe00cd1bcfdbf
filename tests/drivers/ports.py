"""Ports for programs that are told where to listen."""

import random
import socket

LOWEST, HIGHEST = 20_000, 30_000  # below those that the system gives to whoever asks for any


def free_port() -> int:
    """Give a port that is free, as the next two are.

    One from the system could be somebody else's by the time the program listens: it hands them out to every
    test that runs meanwhile.
    """
    while True:
        port = random.randrange(LOWEST, HIGHEST)
        if all(is_free(one) for one in range(port, port + 3)):
            return port


def is_free(port: int) -> bool:
    """Tell whether nobody listens there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
