"""relgraph: political documents as a knowledge graph in which every statement has a footnote."""

__version__ = "0.1.0"
