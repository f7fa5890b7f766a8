"""What is decided about workloads, put together from several deciders."""

from __future__ import annotations

from typing import Any

from scanner.linking.work import Linking
from scanner.model.basics import Fact
from scanner.model.resolved import ResolvedWorkload, Steps

_NOTHING = ResolvedWorkload()
_NO_STEPS: Steps = {}


def decide(
    work: Linking,
    workload: Any,
    *,
    exposure: Fact[str] = None,
    account: Fact[str] = None,
    token: Fact[bool] = None,
    token_source: str = "",
    powers: Fact[tuple[str, ...]] = None,
    steps: Steps = _NO_STEPS,
) -> None:
    """Decide facts about a workload, and keep what others have decided: facts that are left out,
    and the steps of fields that `steps` does not name."""
    known = work.resolved.get(workload, _NOTHING)
    work.resolved[workload] = ResolvedWorkload(
        exposure=known.exposure if exposure is None else exposure,
        account=known.account if account is None else account,
        token=known.token if token is None else token,
        token_source=token_source or known.token_source,
        powers=known.powers if powers is None else powers,
        steps={**known.steps, **steps} if known.steps else steps,
    )
