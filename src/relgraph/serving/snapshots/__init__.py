"""What is served: releases and files of RDF, opened, with their workers."""
