"""`python -m pressroom` is `pressroom`."""

from pressroom.cli import main

main()
