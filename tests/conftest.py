"""What every test may ask for."""

import pytest
from hypothesis import settings

# A busy machine is no fault of the example.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")

pytest_plugins = ["tests.database_fixture", "tests.kafka_fixture"]

# Coverage follows the folders in which a line is reached by the test that is about it. These reach the same lines
# thousands of times, or in processes of their own that it does not follow; tracing them doubles their time. Single tests
# of that kind elsewhere are marked `no_cover`.
UNTRACED = {"broker", "e2e", "property"}

# Whole services over a real broker, and a browser: files of some minutes each.
SLOWEST = {"broker", "e2e"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process ends alone; leave what is not measured untraced."""
    items.sort(key=lambda item: item.path.parent.name not in SLOWEST)
    for item in items:
        if item.path.parent.name in UNTRACED:
            item.add_marker("no_cover")
