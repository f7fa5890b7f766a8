"""One Compose tree laid over another, attribute by attribute as compose-go's `override` package does it."""

from __future__ import annotations

from typing import assert_never

from scanner.errors import FormatError
from scanner.formats.compose.attributes import PLAIN, KeyOf, Rule, Strategy, merge_rules
from scanner.formats.compose.tree import (
    EMPTY,
    Entry,
    Mapping,
    Removed,
    Scalar,
    Sequence,
    Value,
    located,
    mapping_of,
)


def merge_projects(base: Mapping, over: Mapping) -> Mapping:
    """Lay a file's top level over what the files before it gave.

    Raises FormatError, with its place, where two values cannot be merged.
    """
    return _merge_mappings(base, over, merge_rules())


def merge_services(base: Entry, over: Entry) -> Entry:
    """Lay a service over the one that it extends."""
    return _merge(base, over, merge_rules().child("services").child("*"))


def without_resets(mapping: Mapping) -> Mapping:
    """Drop what a file resets; its other values are kept."""
    found: dict[str, Entry] = {}
    for key, entry in mapping.entries.items():
        if entry.tag != "!reset":
            inner = entry.value
            found[key] = entry._replace(value=without_resets(inner)) if isinstance(inner, Mapping) else entry
    # What a home gives would be reset as well.
    homes = mapping.homes if len(found) == len(mapping.entries) else ()
    return Mapping(found, homes, mapping.removed)


def without_duplicates(project: Mapping) -> Mapping:
    """Keep, of items of one list that mean the same thing, the last at the place of the first."""
    return _unique_mapping(project, merge_rules())


def _merge(base: Entry, over: Entry, rule: Rule) -> Entry:
    if over.tag == "!override":
        return over._replace(overridden=(*over.overridden, located(base), *base.overridden))
    if over.tag == "!merge" and isinstance(over.value, Sequence) and isinstance(base.value, Sequence):
        return _merge_by_position(base, over, rule)
    match rule.strategy:
        case Strategy.PLAIN:
            return _merge_plainly(base, over, rule)
        case Strategy.REPLACE:
            return _override(base, over)
        case Strategy.LIST:
            return _merge_to_list(base, over, rule)
        case Strategy.HOSTS:
            return _merge_hosts(base, over, rule)
        case Strategy.NAMES:
            return base._replace(value=_merge_mappings(_keyed(base), _keyed(over), rule), tag=over.tag)
        case Strategy.BUILD:
            return _merge_build(base, over, rule)
        case Strategy.LOGGING:
            return _merge_logging(base, over, rule)
        case Strategy.SUBNETS:
            return _merge_subnets(base, over)
        case _:
            assert_never(rule.strategy)


def _merge_plainly(base: Entry, over: Entry, rule: Rule) -> Entry:
    if isinstance(over.value, Scalar) and over.value.style == "null":
        return base
    match base.value, over.value:
        case Mapping(), Mapping():
            return base._replace(value=_merge_mappings(base.value, over.value, rule), tag=over.tag)
        case Sequence(), Sequence():
            return _append(base, over, rule)
        case ((Mapping() | Sequence()), _):
            raise _cannot_merge(base, over)
        case _:
            return _override(base, over)


def _merge_mappings(base: Mapping, over: Mapping, rule: Rule) -> Mapping:
    merged = dict(base.entries)
    homes = over.homes + base.homes
    removed = base.removed + over.removed
    for key, entry in over.entries.items():
        if entry.tag == "!reset":
            below = merged.pop(key, None)
            removed += (Removed(key, below, entry),) if below is not None else ()
            homes = ()  # what a home gives would be reset as well
            continue
        below = merged.get(key)
        merged[key] = entry if below is None else _merge(below, entry, rule.child(key))
    return Mapping(merged, homes, removed)


def _append(base: Entry, over: Entry, rule: Rule) -> Entry:
    first = base.value.items if isinstance(base.value, Sequence) else ()
    then = over.value.items if isinstance(over.value, Sequence) else ()
    if not then:
        return base
    sequence = _unique(Sequence(first + then), rule.key) if rule.key else Sequence(first + then)
    return over._replace(value=sequence, overridden=(*over.overridden, located(base), *base.overridden))


def _merge_by_position(base: Entry, over: Entry, rule: Rule) -> Entry:
    first = base.value.items if isinstance(base.value, Sequence) else ()
    then = over.value.items if isinstance(over.value, Sequence) else ()
    items = list(first[len(then) :])
    merged = []
    for index, item in enumerate(then):
        if index >= len(first):
            merged.append(item)
        elif _says_nothing(item.value):
            merged.append(first[index])
        else:
            merged.append(_merge(first[index], item, rule.child("*")))
    return over._replace(value=Sequence(tuple(merged + items)))


def _says_nothing(value: Value) -> bool:
    if isinstance(value, Scalar):
        return value.style == "null"
    return not (value.entries if isinstance(value, Mapping) else value.items)


def _override(base: Entry, over: Entry) -> Entry:
    return over._replace(overridden=(*over.overridden, located(base), *base.overridden))


def _cannot_merge(base: Entry, over: Entry) -> FormatError:
    location = over.source.locate(over.place)
    below = base.source.locate(base.place)
    return FormatError(
        f"cannot be merged with the value of another kind at {below.path}:{below.span.line}",
        path=location.path,
        line=location.span.line,
        column=location.span.column,
        hint="write both in the same form",
    )


def _merge_to_list(base: Entry, over: Entry, rule: Rule) -> Entry:
    return _append(
        base._replace(value=Sequence(_as_items(base))), over._replace(value=Sequence(_as_items(over))), rule
    )


def _merge_hosts(base: Entry, over: Entry, rule: Rule) -> Entry:
    first = _as_items(base)
    texts = {item.value.text for item in first if isinstance(item.value, Scalar)}
    then = tuple(
        item for item in _as_items(over) if not isinstance(item.value, Scalar) or item.value.text not in texts
    )
    return _append(base._replace(value=Sequence(first)), over._replace(value=Sequence(then)), rule)


def _as_items(entry: Entry) -> tuple[Entry, ...]:
    """A list, a mapping as `key=value` texts, or a single text, as items."""
    value = entry.value
    if isinstance(value, Sequence):
        return value.items
    if isinstance(value, Scalar):
        return () if value.style == "null" else (entry,)
    items: list[Entry] = []
    for key in sorted(value.entries):
        inner = value.entries[key]
        each = inner.value.items if isinstance(inner.value, Sequence) else (inner,)
        items += (_key_value(key, item, inner) for item in each)
    return tuple(items)


def _key_value(key: str, item: Entry, pair: Entry) -> Entry:
    scalar = item.value
    if not isinstance(scalar, Scalar):
        return item
    text = key if scalar.style == "null" else f"{key}={scalar.text}"
    return pair._replace(value=scalar._replace(text=text, style="text"))


def _merge_build(base: Entry, over: Entry, rule: Rule) -> Entry:
    below = _as_build(base)
    return below._replace(value=_merge_mappings(mapping_of(below), mapping_of(_as_build(over)), rule))


def _as_build(entry: Entry) -> Entry:
    value = entry.value
    if isinstance(value, Scalar):
        return entry._replace(value=EMPTY if value.style == "null" else Mapping({"context": entry}))
    return entry


def _keyed(entry: Entry) -> Mapping:
    """A list of names as a mapping from them to nothing."""
    if not isinstance(entry.value, Sequence):
        return mapping_of(entry)
    found: dict[str, Entry] = {}
    for item in entry.value.items:
        if isinstance(item.value, Scalar):
            nothing = item.value._replace(text="", style="null")
            found[item.value.text] = item._replace(value=nothing)
    return Mapping(found)


def _merge_logging(base: Entry, over: Entry, rule: Rule) -> Entry:
    first, then = _driver(base), _driver(over)
    if first is None or then is None or first == then:
        return _merge_plainly(base, over, rule)
    return _override(base, over)


def _driver(entry: Entry) -> str | None:
    driver = mapping_of(entry).entries.get("driver")
    return driver.value.text if driver is not None and isinstance(driver.value, Scalar) else None


def _merge_subnets(base: Entry, over: Entry) -> Entry:
    if not isinstance(base.value, Sequence) or not isinstance(over.value, Sequence):
        raise _cannot_merge(base, over)
    merged = list(base.value.items)
    subnets = [_subnet(item) for item in merged]
    for item in over.value.items:
        subnet = _subnet(item)
        if subnet in subnets:
            merged[subnets.index(subnet)] = _merge_plainly(merged[subnets.index(subnet)], item, PLAIN)
        else:
            merged.append(item)
            subnets.append(subnet)
    return over._replace(value=Sequence(tuple(merged)))


def _subnet(entry: Entry) -> str:
    subnet = mapping_of(entry).entries.get("subnet")
    return subnet.value.text if subnet is not None and isinstance(subnet.value, Scalar) else ""


def _unique_mapping(mapping: Mapping, rule: Rule) -> Mapping:
    if not rule.children:
        return mapping
    changed: dict[str, Entry] = {}
    for key, entry in mapping.entries.items():
        child = rule.child(key)
        if isinstance(entry.value, Sequence):
            if child.key is not None:
                changed[key] = entry._replace(value=_unique(entry.value, child.key))
        elif isinstance(entry.value, Mapping) and child.children:
            changed[key] = entry._replace(value=_unique_mapping(entry.value, child))
    return mapping._replace(entries={**mapping.entries, **changed}) if changed else mapping


def _unique(sequence: Sequence, key_of: KeyOf) -> Sequence:
    kept: dict[object, Entry] = {}
    for item in sequence.items:
        key: object = key_of(item.value)
        if key is None:
            key = id(item)
        below = kept.get(key)
        if below is None or below is item:
            kept[key] = item
        else:
            kept[key] = item._replace(overridden=(*item.overridden, located(below), *below.overridden))
    return sequence if len(kept) == len(sequence.items) else Sequence(tuple(kept.values()))
