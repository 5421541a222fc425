"""Ingest: received -> normalised, and the HTTP door through which collectors publish."""
