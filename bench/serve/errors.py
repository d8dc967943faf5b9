"""The one error that the benchmark shows to a person without a traceback."""


class BenchError(Exception):
    """Something is missing or did not start; the message says what to do."""
