"""What connects the referrer with the outside: the database, the HTTP door of the desk, the leader's lock."""
