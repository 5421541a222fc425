"""The trained classifier behind the port: tier 1 for every text, tier 2 for the uncertain ones."""
