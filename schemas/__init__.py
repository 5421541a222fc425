"""The contract: every fact that travels on a topic, as a frozen pydantic model, and the tables of topics and HTTP operations."""
