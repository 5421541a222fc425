"""The services and the `hub` command; each service is a folder, what they share is a topic."""
