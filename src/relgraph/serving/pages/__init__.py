"""Pages for people, and the addresses of resources."""
