"""Meta on this machine: the login dialog, the Graph API, and what the public sees of it."""
