"""The schema, step by step, as SQL. Run by `pressroom migrate` as the owner of the database."""
