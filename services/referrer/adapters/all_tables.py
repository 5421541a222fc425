"""Every table of the database under one name: what the migrations are compared with, and what a test empties."""

from services.referrer.adapters import console_tables, delivery_tables, memory_tables, oversight_tables
from services.referrer.adapters.tables import metadata

__all__ = ["console_tables", "delivery_tables", "memory_tables", "metadata", "oversight_tables"]
