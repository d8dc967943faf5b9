"""Exports of a large made-up release: seconds and memory of each form, and N-Quads beside `oxigraph dump`."""
