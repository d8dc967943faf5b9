"""Routes that answer with data."""
