"""Validation: SHACL shapes and whole-graph queries on RDF data; one report for both, whichever engine checks."""

from relgraph.validation.engine import Engine, check_files, validate
from relgraph.validation.queries import VerifyCheck, load_checks
from relgraph.validation.shapes import Shapes, load_shapes

__all__ = ["Engine", "Shapes", "VerifyCheck", "check_files", "load_checks", "load_shapes", "validate"]
