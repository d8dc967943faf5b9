"""The validation benchmark: beside pySHACL, and the commands on the real graph from cold."""
