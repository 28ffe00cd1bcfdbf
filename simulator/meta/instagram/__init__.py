"""Instagram: accounts, containers, publishing, media."""
