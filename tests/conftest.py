"""What every test may ask for."""

import pytest
from hypothesis import settings

# A busy machine is no fault of the example.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")

pytest_plugins = ["tests.database_fixture", "tests.kafka_fixture"]

# Coverage follows the folders in which a line is reached by the test that is about it. These reach the same lines
# thousands of times, or in processes of their own that it does not follow; tracing them doubles their time.
UNTRACED = {"broker", "e2e", "property"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is not measured untraced."""
    for item in items:
        if item.path.parent.name in UNTRACED:
            item.add_marker("no_cover")
