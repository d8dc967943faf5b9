"""The server: the SPARQL protocol and the pages, over one release."""
