"""What the server says of its datasets."""
