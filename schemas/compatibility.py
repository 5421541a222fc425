"""Two JSON Schemas of one fact come in, the released one and today's; what would break a reader or a writer goes out. Pure."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
# Bounds of which a higher, or a lower, value refuses what was allowed before.
FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
# What a text is read as, and the one value that there is.
EXACT = ("format", "const")


def breaking(released: Schema, today: Schema) -> list[str]:
    """Changes that need a new major version: what was written must stay readable, what was read must stay there.

    A new optional member and a new enum value are minor changes.
    """
    return list(_compare("", released, today, released, today, frozenset()))


def _compare(
    path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema, seen: frozenset[str]
) -> Iterator[str]:
    reference = old.get("$ref")
    if reference in seen:
        return
    seen = seen | {reference} if reference else seen
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if old.get("type") != new.get("type"):
        yield f"{path or '/'}: type {old.get('type')} became {new.get('type')}"
        return
    yield from _values(path, old, new)
    yield from _members(path, old, new, old_root, new_root, seen)
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _compare(f"{path}/*", old[key], new[key], old_root, new_root, seen)
    yield from _places(path, old, new, old_root, new_root, seen)
    yield from _choices(path, old, new, old_root, new_root, seen)


def _members(
    path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema, seen: frozenset[str]
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name not in after:
            yield f"{path}/{name}: member removed"
        else:
            yield from _compare(f"{path}/{name}", before[name], after[name], old_root, new_root, seen)
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{path}/{name}: became required"
    for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
        yield f"{path}/{name}: is no longer always there"


def _values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    for key in EXACT:
        if old.get(key) != new.get(key):
            yield f"{path}: {key} {old.get(key)} became {new.get(key)}"
    allowed: list[Any] = old.get("enum", [])
    if "enum" in new and not allowed:
        yield f"{path}: became a closed list"
    if gone := set(allowed) - set(new.get("enum", allowed)):
        yield f"{path}: values removed: {', '.join(sorted(map(str, gone)))}"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{path}: pattern changed"
    for key in FLOORS:
        if key in new and new[key] > old.get(key, float("-inf")):
            yield f"{path}: {key} rose"
    for key in CEILINGS:
        if key in new and new[key] < old.get(key, float("inf")):
            yield f"{path}: {key} fell"


def _places(
    path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema, seen: frozenset[str]
) -> Iterator[str]:
    """Members of an array that are told apart by their places; how many there are is told by its bounds."""
    for number, (before, after) in enumerate(zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)):
        yield from _compare(f"{path}/{number}", before, after, old_root, new_root, seen)


def _choices(
    path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema, seen: frozenset[str]
) -> Iterator[str]:
    before, after = old.get("anyOf", []), new.get("anyOf", [])
    for choice in before:
        if all(list(_compare(path, choice, other, old_root, new_root, seen)) for other in after):
            yield f"{path}: a form that was allowed is not any more"


def _resolve(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = root["$defs"][reference.rsplit("/", 1)[-1]]
    return found
