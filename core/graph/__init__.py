"""Meta's Graph API, as far as publishing needs it. It knows nothing of our tables."""
