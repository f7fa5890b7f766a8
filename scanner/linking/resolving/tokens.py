"""Whether pods get a token of the API server: what they say, what their account says, and the default."""

from __future__ import annotations

from scanner.model.cluster import ServiceAccount
from scanner.model.resolved import Step, Steps
from scanner.model.resources import Workload
from scanner.model.source import Located, Unknown

Token = tuple[Located[bool | Unknown], str, Steps]
"""Whether a token is mounted, who says so (`pod`, `account`, `default`, `projected`), and the steps."""


def decide_token(workload: Workload, account: ServiceAccount | None) -> Token:
    """Decide whether a workload's pods can use a token of their account.

    The pod's automountServiceAccountToken stands over that of its account, and where neither says
    anything the token is mounted: also where no file defines the account. A pod whose token
    is not mounted so can still have one in a projected volume (core/v1,
    ServiceAccountTokenProjection), which counts unless it is for another audience.
    """
    fact, source, text = _automount(workload, account)
    steps = [Step(text, fact)]
    if fact.value is False:
        for volume in workload.volumes:
            if volume.api_token is not None:
                fact, source = volume.api_token._replace(value=True), "projected"
                steps.append(Step("a projected volume mounts a token of the API server", fact))
                break
    return fact, source, {"token": tuple(steps)}


def _automount(
    workload: Workload, account: ServiceAccount | None
) -> tuple[Located[bool | Unknown], str, str]:
    own = workload.automount_token
    if own is not None:
        return own, "pod", f"the pod {_says(own.value)}"
    of_account = None if account is None else account.automount_token
    if account is not None and of_account is not None:
        words = f"service account '{account.ref.name}' {_says(of_account.value)}"
        return of_account, "account", words
    place = workload.service_account or workload.name
    default: Located[bool | Unknown] = Located(True, place.place, place.source)
    return default, "default", "nothing turns the token off, and Kubernetes mounts it by default"


def _says(value: bool | Unknown) -> str:
    if isinstance(value, Unknown):
        return "leaves to a variable whether the token is mounted"
    return "mounts the token" if value else "does not mount the token"
