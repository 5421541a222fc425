"""What the referrer promises of its database, on SQLite and on PostgreSQL."""
