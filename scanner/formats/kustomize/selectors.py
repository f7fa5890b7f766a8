"""Which objects a patch or a replacement is for."""

from __future__ import annotations

from collections.abc import Callable

from scanner.formats.kustomize.identity import Identity, Kind, Resource
from scanner.formats.kustomize.nodes import MappingNode, child, find, text_at, trouble
from scanner.parsing.yaml import Node, ScalarNode, scalar_text
from scanner.patterns.matching import Dialect, Pattern, PatternError, compile_pattern

Test = Callable[[Resource], bool]
_KIND_KEYS = ("group", "version", "kind")


def target_test(target: Node) -> Test:
    """Return the test of a patch's `target`: patterns match whole texts, and names and
    namespaces the present or the first ones. Raises FormatError at a bad pattern."""
    kinds = [_pattern(target, key) for key in _KIND_KEYS]
    name, namespace = _pattern(target, "name"), _pattern(target, "namespace")
    chosen = labels_test(target)

    def is_target(resource: Resource) -> bool:
        now = resource.identity
        for pattern, text in zip(kinds, now.of, strict=True):
            if pattern is not None and not pattern.fullmatch(text):
                return False
        first = resource.original
        if name is not None and not name.fullmatch(first.name) and not name.fullmatch(now.name):
            return False
        if namespace is not None and not any(
            namespace.fullmatch(identity.effective_namespace or "_non_namespaceable_")
            for identity in (first, now)
        ):
            return False
        return chosen(resource)

    return is_target


def labels_test(selector: Node | None) -> Test:
    """Return the test of `labelSelector` and `annotationSelector`."""
    tests = []
    for key, where in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        pair = find(selector, key)
        if pair is not None and pair[1].__class__ is ScalarNode and pair[1].value.strip():
            tests.append((_requirements(pair[1]), where))

    def is_chosen(resource: Resource) -> bool:
        for requirements, where in tests:
            node = child(resource.root, "metadata", where)
            values: dict[str, str | None] = {}
            if node is not None and node.__class__ is MappingNode:
                values = {pair[0].value: scalar_text(pair[1]) for pair in node.value}
            if not all(requirement(values) for requirement in requirements):
                return False
        return True

    return is_chosen


def exact_test(selector: Node) -> Callable[[Identity], bool]:
    """Return the test of a replacement's `source` or `select`: texts are equal, empty ones any."""
    kind = Kind(*(text_at(selector, key) for key in _KIND_KEYS))
    name, namespace = text_at(selector, "name"), text_at(selector, "namespace")

    def is_selected(identity: Identity) -> bool:
        if name and identity.name != name:
            return False
        if namespace and (identity.effective_namespace or "_non_namespaceable_") != namespace:
            return False
        return identity.of.is_selected(kind)

    return is_selected


def _pattern(target: Node, key: str) -> Pattern | None:
    text = text_at(target, key)
    if not text:
        return None
    try:
        return compile_pattern(text, Dialect.GO)
    except PatternError as error:
        raise trouble(find(target, key) or target, f"the pattern '{text}' cannot be used: {error}") from None


_Requirement = Callable[[dict[str, str | None]], bool]


def _requirements(node: ScalarNode) -> list[_Requirement]:
    """Read a selector in the language of labels: `a=b,c!=d,e in (x,y),f,!g`."""
    return [_requirement(part.strip(), node) for part in _split(node.value) if part.strip()]


def _split(text: str) -> list[str]:
    parts = [""]
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _requirement(text: str, node: Node) -> _Requirement:
    if text.endswith(")") and "(" in text:
        head, _, inside = text[:-1].partition("(")
        words = head.split()
        values = {value.strip() for value in inside.split(",")}
        if len(words) == 2 and words[1] == "in":
            return lambda labels: labels.get(words[0]) in values
        if len(words) == 2 and words[1] == "notin":
            return lambda labels: labels.get(words[0]) not in values
        raise trouble(node, f"the selector '{text}' is not understood")
    for sign, is_equal in (("!=", False), ("==", True), ("=", True)):
        key, found, value = (part.strip() for part in text.partition(sign))
        if found:
            return _comparison(key, value, is_equal=is_equal)
    if " " in text or ">" in text or "<" in text:
        raise trouble(node, f"the selector '{text}' is not understood")
    if text.startswith("!"):
        absent = text[1:].strip()
        return lambda labels: absent not in labels
    return lambda labels: text in labels


def _comparison(key: str, value: str, *, is_equal: bool) -> _Requirement:
    if is_equal:
        return lambda labels: labels.get(key) == value
    return lambda labels: labels.get(key) != value
