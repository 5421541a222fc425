"""Commands that look at more than one service, such as audit, dead letters and ranking. Only the `hub` command imports them."""
