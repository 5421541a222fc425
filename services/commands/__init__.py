"""Commands that look at more than one service: audit, dead letters, demo. Only the `hub` command imports them."""
