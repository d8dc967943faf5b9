"""What a request wants, and from a job to a response."""
