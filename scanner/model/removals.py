"""Values that an environment took out of what it is built from."""

from __future__ import annotations

from scanner.model.basics import ResourceRef
from scanner.model.record import record
from scanner.model.source import Located


@record
class RemovedValue:
    """A value that a patch took out of an object, and that nothing stands in place of.

    `ref` names the object, with its container where the value was in one. `path` is
    dotted and leads there from the container, else from the object; an item of a list is
    in brackets, by its name where it has one, else by its number
    (`spec.template.spec.volumes[data].emptyDir.sizeLimit`). `value` is text or a tuple of
    texts, at the place where it was set; `removal` is the place that took it out.
    """

    ref: ResourceRef
    path: str
    value: Located[object]
    removal: Located[str]
