"""The pictures of the seed's accounts: drawn here, so that nothing is fetched, and nobody's photo used."""
