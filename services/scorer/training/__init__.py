"""From the data to the committed model files; never imported in service."""
