"""Benchmarks of relgraph beside other software; not installed with the package."""
