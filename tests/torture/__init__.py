"""The proof that nothing is published twice or lost, whatever breaks.

Real workers publish to the simulated Meta while they are killed, PostgreSQL is restarted and calls go wrong,
each at a moment that a plan says. In the end, what the public saw is compared with the database. So are the
tokens that Meta issued, after processes were killed over each deed that is done to them (tokens.py).
"""
