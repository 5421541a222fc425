"""The local broker: real Apache Kafka on this machine from Python packages alone, for demo and tests."""
