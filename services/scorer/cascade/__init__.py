"""The trained classifier behind the port: tier 1 for every text, tier 2 for what is not plainly harmless to it."""
