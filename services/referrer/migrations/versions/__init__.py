"""The steps, one a file, named in order."""
