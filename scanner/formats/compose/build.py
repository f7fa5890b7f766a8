"""How a Compose service's image is built, and from where."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.compose.environment import read_variables
from scanner.formats.compose.fields import FactReader, is_absent, part_of
from scanner.formats.compose.paths import is_remote, join
from scanner.formats.compose.tree import Entry, Mapping, Scalar, Sequence
from scanner.model.resources import Build, Fact, Reference
from scanner.model.source import Located, Unknown


def read_build(service: Mapping, facts: FactReader) -> Build | None:
    """Read `build`, short or long."""
    entry = service.entries.get("build")
    if entry is None or is_absent(entry):
        return None
    if isinstance(entry.value, Mapping):
        mapping = entry.value
    elif isinstance(entry.value, Scalar):
        mapping = Mapping({"context": entry})
    else:
        facts.mistyped(entry, "build", "a path or a mapping")
        return None
    context = facts.text(mapping, "context")
    inline = facts.text(mapping, "dockerfile_inline")
    written = context.value if context is not None else "."
    is_local = isinstance(written, Unknown) or not is_remote(written)
    folder = _folder(entry, context, is_local)
    return Build(
        Located("build", entry.place, entry.source, entry.overridden),
        folder,
        None if inline is not None else _dockerfile(mapping, folder, is_local, facts),
        inline,
        facts.text(mapping, "target"),
        read_variables(mapping, "args", facts),
        facts.boolean(mapping, "privileged"),
        facts.text(mapping, "network"),
        facts.texts(mapping, "entitlements"),
        _pair_texts(mapping, "additional_contexts", facts),
        _pair_texts(mapping, "ssh", facts),
        _secret_names(mapping, facts),
        is_local,
    )


def _folder(entry: Entry, context: Fact[str], is_local: bool) -> Located[str | Unknown]:
    if context is None:
        return part_of(entry, join(entry.source.directory, "."))
    if isinstance(context.value, Unknown) or not is_local:
        return context
    # The directory of the file that sets the context, which need not be that of `build`.
    source = entry.source
    own = entry.value.entries.get("context") if isinstance(entry.value, Mapping) else entry
    if own is not None:
        source = own.source
    return context._replace(value=join(source.directory, context.value))


def _dockerfile(
    mapping: Mapping, folder: Located[str | Unknown], is_local: bool, facts: FactReader
) -> Fact[str]:
    written = facts.text(mapping, "dockerfile")
    if written is not None and isinstance(written.value, Unknown):
        return written
    name = "Dockerfile" if written is None or isinstance(written.value, Unknown) else written.value
    if isinstance(folder.value, Unknown):
        return folder
    at = folder if written is None else written
    return at._replace(value=join(folder.value, name) if is_local else name)


def _pair_texts(mapping: Mapping, key: str, facts: FactReader) -> Fact[tuple[str, ...]]:
    entry = mapping.entries.get(key)
    if entry is None or is_absent(entry):
        return None
    if isinstance(entry.value, Scalar):
        return facts.texts(mapping, key)
    texts: list[str] = []
    for name, _, value in facts.pairs(mapping, key):
        if isinstance(value, Unknown):
            return facts.undecided(entry, value.reason)
        texts.append(name if value is None else f"{name}={value}")
    return part_of(entry, tuple(texts))


def build_references(service: Mapping, facts: FactReader) -> Iterator[Reference]:
    """Yield a reference for each secret of the project that a service's build is given."""
    build = service.entries.get("build")
    entry = build.value.entries.get("secrets") if build and isinstance(build.value, Mapping) else None
    if entry is None or not isinstance(entry.value, Sequence):
        return
    for item in entry.value.items:
        at = item.value.entries.get("source") if isinstance(item.value, Mapping) else item
        if at is not None and isinstance(at.value, Scalar) and not is_absent(at):
            name = facts.text_of(at, "secrets")
            if name is not None:
                yield Reference("secret", name, "build")


def _secret_names(mapping: Mapping, facts: FactReader) -> Fact[tuple[str, ...]]:
    entry = mapping.entries.get("secrets")
    if entry is None or is_absent(entry):
        return None
    names: list[str] = []
    for item in facts.items(mapping, "secrets"):
        name = (
            facts.text(item.value, "source")
            if isinstance(item.value, Mapping)
            else facts.text_of(item, "secrets")
        )
        if name is None:
            facts.complain(item, "the secret has no 'source'; write its name there")
            continue
        if isinstance(name.value, Unknown):
            return facts.undecided(entry, name.value.reason)
        names.append(name.value)
    return part_of(entry, tuple(names))
