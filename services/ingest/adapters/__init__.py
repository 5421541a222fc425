"""What connects ingest with the outside: the consumer, the producer, the HTTP server, files."""
