"""What differs between two graphs: releases, revisions of the project, RDF files."""
