"""Platforms' own shapes come in, content events go out: one module per shape, pure, and the table of them."""
