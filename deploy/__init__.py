"""How the hub is put into service: local broker, demo, compose, dashboards."""
