"""Workload to account to binding to role to rule: what the pods of a workload may do, and how it comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scanner.linking.accounts import DEFAULT_ACCOUNT, Accounts, Actor, Bindings, Named, account_of
from scanner.linking.grants import MAX_RULES, Grant, Grants, Right, missing_role
from scanner.linking.index import Entry
from scanner.linking.powers import rank
from scanner.linking.resolving.tokens import decide_token
from scanner.linking.resolving.workloads import decide
from scanner.linking.work import Linking, not_known
from scanner.model.cluster import RoleBinding
from scanner.model.graph import Link
from scanner.model.resolved import ResolvedBinding, Step
from scanner.model.source import Located, Unknown


def link_access(work: Linking) -> None:
    """Link workloads, accounts, bindings, roles and rules; decide account, token and powers of each
    workload, and what each binding names in vain."""
    accounts = Accounts(work.index, work.links)
    bindings = Bindings(work.index)
    grants = Grants(work.index, work.links)
    given: dict[RoleBinding, Grant] = {}
    for entry in work.index.of("role_bindings"):
        given[entry.resource] = grant = grants.of(entry)
        missing = missing_role(grant) or _missing_account(entry, accounts)
        if missing is not None:
            work.resolved[entry.resource] = ResolvedBinding(missing)
    for entry in work.index.of("service_accounts"):
        placed = entry.resource.ref.namespace is not None
        for named in bindings.of(entry, entry.resource.ref.name, placed=placed):
            subject, binding = named.subject.name, named.entry.resource
            work.links.add(
                Link(
                    entry.resource,
                    "bound-by",
                    binding,
                    subject,
                    None,
                    named.sure,
                    named.confidence,
                    named.note,
                )
            )
    sharers: dict[object, list[Actor]] = {}
    for actor in accounts.actors():
        placed = actor.entry.resource.ref.namespace is not None
        held = bindings.of(actor.entry, actor.name, placed=placed)
        try:
            _decide(work, actor, [_Held(named, given[named.entry.resource]) for named in held])
        except Exception as error:
            work.note(actor.entry.path, error)
            unknown = not_known(actor.entry.resource.name)
            decide(work, actor.entry.resource, account=unknown, token=unknown, powers=unknown)
        if actor.account is not None and actor.name != DEFAULT_ACCOUNT and actor.entry.resource.hook is None:
            sharers.setdefault(actor.account.resource, []).append(actor)
    for several in sharers.values():
        _link_sharers(work, several)


class _Held(NamedTuple):
    named: Named
    grant: Grant

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts bindings: those that lead furthest first."""
        return min((rank(right.word) for right in self.grant.rights), default=(3, 0))


def _decide(work: Linking, actor: Actor, held: list[_Held]) -> None:
    workload = actor.entry.resource
    place = workload.service_account
    token, source, steps = decide_token(workload, None if actor.account is None else actor.account.resource)
    if not held:
        decide(work, workload, account=_named(actor), token=token, token_source=source, steps=steps)
        return
    held.sort(key=lambda one: one.rank)
    left = MAX_RULES
    for one in held:
        work.links.add(_link(workload, "empowered-by", one.named, place))
        for rule in one.grant.rules[:left]:
            work.links.add(Link(workload, "may", rule, place, sure=one.named.sure))
        left -= min(left, len(one.grant.rules))
    powers, why = _powers(actor, held)
    decide(
        work,
        workload,
        account=_named(actor),
        token=token,
        token_source=source,
        powers=powers,
        steps={**steps, "powers": why},
    )


def _named(actor: Actor) -> Located[str | Unknown]:
    workload = actor.entry.resource
    place = workload.service_account or workload.name
    return Located(actor.name, place.place, place.source)


def _link(source: object, verb: str, named: Named, place: Located[object] | None) -> Link:
    binding = named.entry.resource
    subject = named.subject.name
    return Link(source, verb, binding, place, subject, named.sure, named.confidence, named.note)


def _powers(
    actor: Actor, held: list[_Held]
) -> tuple[Located[tuple[str, ...] | Unknown] | None, tuple[Step, ...]]:
    """Return what the bindings give together, and how: of the power that leads furthest, each step
    from the pod; of the others, where they are granted."""
    rights: dict[str, tuple[Right, _Held]] = {}
    for one in held:
        if one.named.sure:
            for right in one.grant.rights:
                rights.setdefault(right.word, (right, one))
    if not rights:
        reasons = [one.grant.unknown for one in held if one.grant.unknown]
        if not reasons:
            return None, ()
        subject = held[0].named.subject.name
        return Located(Unknown(reasons[0]), subject.place, subject.source), ()
    words = sorted(rights, key=rank)
    first, chain = rights[words[0]]
    steps = list(_account_steps(actor))
    said: dict[tuple[object, object], list[str]] = {}
    for word in words:
        right, one = rights[word]
        said.setdefault((right.rule, one.grant.binding), []).append(word)
    for group in said.values():
        right, one = rights[group[0]]
        steps += [*_binding_steps(actor, one), _right_step(right, one, group)]
    place = chain.named.subject.name if first.rule is None else first.rule.name
    return Located(tuple(words), place.place, place.source), tuple(dict.fromkeys(steps))


def _account_steps(actor: Actor) -> Iterable[Step]:
    workload = actor.entry.resource
    written = workload.service_account
    word = f"{workload.kind} '{workload.ref.name}'"
    if written is None:
        yield Step(f"{word} names no service account and acts as '{actor.name}'", workload.name)
    else:
        yield Step(f"{word} acts as service account '{actor.name}'", written)
    if actor.account is not None:
        yield Step(f"service account '{actor.name}' is defined here", actor.account.resource.name)


def _binding_steps(actor: Actor, one: _Held) -> Iterable[Step]:
    binding = one.grant.binding
    word = f"{binding.kind} '{binding.ref.name}'"
    subject = one.named.subject.name
    whom = f"service account '{actor.name}'" if subject.value == actor.name else f"'{subject.value}'"
    yield Step(f"{word} names {whom}", subject)
    if binding.role_name is not None and binding.role_kind is not None:
        yield Step(f"{word} gives {binding.role_kind.value} '{binding.role_name.value}'", binding.role_name)


def _right_step(right: Right, one: _Held, words: list[str]) -> Step:
    powers = ", ".join(words)
    if right.rule is None or right.role is None:
        name = one.grant.binding.role_name
        shown = "" if name is None else f" '{name.value}'"
        return Step(f"the built-in role{shown} allows {powers}", name)
    role = f"{right.role.kind} '{right.role.ref.name}'"
    return Step(f"{role} allows {right.rule.name.value} ({powers})", right.rule.name)


def _link_sharers(work: Linking, several: list[Actor]) -> None:
    """Link the first of those who share an account with each of the others, both ways."""
    first, *others = several
    for other in others:
        for one, two in ((first, other), (other, first)):
            written = one.entry.resource.service_account
            end = two.entry.resource.service_account
            work.links.add(Link(one.entry.resource, "shares-account", two.entry.resource, written, end))


def _missing_account(entry: Entry, accounts: Accounts) -> Located[str | Unknown] | None:
    """Return the first subject of a binding that is an account which is not there, as people call it;
    unknown where the files cannot tell of one, None where all are there."""
    unknown: Located[str | Unknown] | None = None
    for subject in entry.resource.subjects:
        account = account_of(entry.resource, subject)
        if account is None or account[1] == DEFAULT_ACCOUNT:
            continue
        space, name = account
        if accounts.is_named(name):
            continue  # it is there, or it leaves its namespace to who applies it
        place = subject.name
        if accounts.is_missing(entry, name, space):
            return Located(f"service account '{name}'", place.place, place.source)
        reason = f"service account '{name}' is not in the scanned files"
        unknown = unknown or Located(Unknown(reason), place.place, place.source)
    return unknown
