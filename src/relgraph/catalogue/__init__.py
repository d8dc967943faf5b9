"""What a release is, for machines: VoID, DCAT and PROV as triples (docs/catalogue.md)."""

from relgraph.catalogue.describing import FILE, GRAPH_NAMES, Made, describe, licence_of, release_iri, write

__all__ = ["FILE", "GRAPH_NAMES", "Made", "describe", "licence_of", "release_iri", "write"]
