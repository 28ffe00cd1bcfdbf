"""Slack, as strictly as the real one, with a page on which to act as any of its people."""
