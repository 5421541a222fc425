"""What any process of the hub needs: settings, codec, Kafka clients, dead letters, errors, metrics, probes, logs, lifecycle."""
