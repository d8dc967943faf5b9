"""What is said of one resource as a sheet that a page can be made of."""

from relgraph.sheets.groups import Group
from relgraph.sheets.sheet import part, sheet

__all__ = ["Group", "part", "sheet"]
