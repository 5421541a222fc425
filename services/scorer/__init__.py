"""The scorer: normalised -> scored, ranked. Stateless; it can be killed, doubled and replayed at will."""
