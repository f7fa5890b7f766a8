"""Which ports an image is made to listen on, by the Dockerfiles that it is built from."""

from __future__ import annotations

from scanner.linking.base_ports import exposes_nothing
from scanner.linking.work import Linking
from scanner.model.basics import Fact, Port
from scanner.model.dockerfiles import BuildStage
from scanner.model.resolved import Step
from scanner.model.source import Located, Unknown

_UNKNOWN_BASE = Unknown("the image that it is based on may expose others")


def exposed_ports(work: Linking, stage: BuildStage) -> Fact[tuple[str, ...]]:
    """Return the ports that a stage exposes with all that it is based on, as `8080` or `8000-8010`;
    None for none. Unknown where a base from elsewhere may add to them."""
    found, complete = _collected(work, stage)
    if not found:
        return None
    first = found[0].text
    if not complete:
        return Located(_UNKNOWN_BASE, first.place, first.source)
    texts = []
    for port in found:
        number, last = port.number, port.number_last
        for fact in (number, last):
            if fact is not None and isinstance(fact.value, Unknown):
                return Located(fact.value, fact.place, fact.source)
        if number is not None:
            texts.append(str(number.value) if last is None else f"{number.value}-{last.value}")
    return Located(tuple(dict.fromkeys(texts)), first.place, first.source) if texts else None


def _collected(work: Linking, stage: BuildStage) -> tuple[list[Port], bool]:
    """The ports of a stage and of its bases, and whether these are all."""
    found: list[Port] = []
    seen: set[BuildStage] = set()
    while stage not in seen:
        seen.add(stage)
        found += stage.ports
        links = work.links.of("based-on", stage)
        if len(links) != 1 or not links[0].sure:
            return found, not links and stage.base is not None and exposes_nothing(stage.base)
        stage = links[0].target
    return found, True


def port_steps(stage: BuildStage | None, ports: Fact[tuple[str, ...]]) -> tuple[Step, ...]:
    """Say in steps which ports a stage exposes."""
    if stage is None or ports is None:
        return ()
    if isinstance(ports.value, Unknown):
        return (Step(f"it is not known which ports the image exposes: {ports.value.reason}", ports),)
    path = ports.source.path
    return (Step(f"{path} exposes {', '.join(ports.value)}", ports),)
