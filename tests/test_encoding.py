"""Content codings: what is coded in pieces is read in pieces, each as soon as it has arrived, and is what was written."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from relgraph.serving.workers.encoding import CODINGS, encoder

PIECES = st.lists(st.binary(max_size=300) | st.integers(min_value=1, max_value=300_000).map(bytes), max_size=6)
#: Windows that every client must be able to hold (RFC 9659).
WINDOW = 8 * 1024 * 1024


def decoder(coding: str | None) -> Callable[[bytes], bytes]:
    """Reads a coding as a client does, piece by piece."""
    if coding == "gzip":
        return zlib.decompressobj(wbits=31).decompress
    return zstandard.ZstdDecompressor().decompressobj().decompress if coding == "zstd" else bytes


@pytest.mark.parametrize("coding", [*CODINGS, None])
@given(PIECES, st.binary(max_size=300))
def test_each_piece_can_be_read_as_soon_as_it_has_arrived(coding: str | None, first: list[bytes], last: bytes) -> None:
    encode, read = encoder(coding), decoder(coding)
    for piece in first:
        assert read(encode.piece(piece)) == piece
    assert read(encode.last(last)) == last


@given(PIECES, st.binary(max_size=300))
def test_the_pieces_together_are_one_gzip_file(first: list[bytes], last: bytes) -> None:
    encode = encoder("gzip")
    coded = b"".join([*map(encode.piece, first), encode.last(last)])
    reader = zlib.decompressobj(wbits=31)
    assert reader.decompress(coded) == b"".join([*first, last])
    assert reader.eof
    assert reader.unused_data == b""


@given(PIECES, st.binary(max_size=300))
def test_the_pieces_together_are_one_zstandard_frame_that_every_client_can_read(first: list[bytes], last: bytes) -> None:
    encode = encoder("zstd")
    coded = b"".join([*map(encode.piece, first), encode.last(last)])
    reader = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
    assert reader.decompress(coded) == b"".join([*first, last])
    assert reader.eof
    assert reader.unused_data == b""


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_makes_answers_smaller_and_learns_from_earlier_pieces(coding: str) -> None:
    row = b"".join(b"<https://example.org/%d>\t" % number for number in range(100))
    encode = encoder(coding)
    first, second = encode.piece(row), encode.piece(row)
    assert len(first) < len(row) / 3
    assert len(second) < 0.7 * len(first)


@given(PIECES)
def test_identity_changes_nothing(pieces: list[bytes]) -> None:
    encode = encoder(None)
    assert [encode.piece(piece) for piece in pieces] == pieces
    assert encode.last(b"end") == b"end"


@pytest.mark.parametrize("coding", CODINGS)
def test_answers_do_not_share_what_a_coding_has_learned(coding: str) -> None:
    one, other = encoder(coding), encoder(coding)
    one.piece(b"of another client")
    assert decoder(coding)(other.last(b"mine")) == b"mine"
