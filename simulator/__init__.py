"""Slack and Meta on this machine, for the demo and the tests.

Both enforce what the real platforms enforce, and say so when something would fail there. Nothing here imports
anything of Pressroom: it is reached, and reaches back, over HTTP and WebSocket alone.
"""
