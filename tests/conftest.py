"""What every test may ask for."""

from hypothesis import settings

# A busy machine is no fault of the example.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")

pytest_plugins = ["tests.database_fixture", "tests.kafka_fixture"]
