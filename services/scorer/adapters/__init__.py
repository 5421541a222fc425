"""The scorer's outside: one file per outside system."""
