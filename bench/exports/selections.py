"""Parts of the made-up release, by name. They are written as N-Quads."""

from __future__ import annotations

from typing import Final

from relgraph import edtf
from relgraph.exports import Selection
from relgraph.vocabulary import ASSERTED, PROVENANCE, REPORTED, data

#: The part of a tenth of all facts, with what follows from it: the reasoning is in memory, which grows with the part.
ACTOR: Final = "nquads of one actor"
SELECTIONS: Final = {
    "nquads of one document": Selection(documents=(data("document/000000"),)),
    ACTOR: Selection(actors=(data("org/000000"),)),
    "nquads of all years, as stated": Selection(period=edtf.parse("1900/2100"), graphs=(ASSERTED, PROVENANCE, REPORTED)),
}
