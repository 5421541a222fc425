"""The demo: invented posts of one evening in an invented town, and what is needed to put them through the hub."""
