"""Records go to the partition that every other Kafka client would choose."""

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.partitioner import by_key, murmur2

keys = st.binary(max_size=40) | st.text("0123456789abcdef", min_size=32, max_size=32).map(str.encode)


@given(keys)
def test_a_key_is_hashed_as_the_client_library_hashes_it(key: bytes) -> None:
    assert murmur2(key) & 0xFFFFFFFF == theirs(key) & 0xFFFFFFFF


@given(keys, st.integers(1, 64))
def test_a_key_goes_where_the_client_library_sends_it(key: bytes, number: int) -> None:
    places = list(range(number))
    assert by_key(key, places, places) == DefaultPartitioner()(key, places, places)


@given(st.integers(1, 8))
def test_a_record_without_a_key_goes_to_a_partition_that_has_a_leader(number: int) -> None:
    assert by_key(None, list(range(10)), list(range(number))) in range(number)
