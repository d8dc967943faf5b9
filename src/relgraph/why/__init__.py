"""Where a triple of a release comes from, down to the characters of the documents."""

from relgraph.why.explaining import Explainer, explain
from relgraph.why.explanation import Explanation, Footnote, Near, Nearness, Origin, Source
from relgraph.why.forms import FORMS
from relgraph.why.naming import resolve

__all__ = ["FORMS", "Explainer", "Explanation", "Footnote", "Near", "Nearness", "Origin", "Source", "explain", "resolve"]
