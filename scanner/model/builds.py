"""Images that the files of build tools say the repository builds."""

from __future__ import annotations

from scanner.model.basics import EnvVar, Fact, ResourceRef
from scanner.model.record import record
from scanner.model.source import Located, Unknown


@record
class ImageBuild:
    """An image that a tool's file says the repository builds.

    `ref` names it in the words of the tool (skaffold artifact, bake target), and `name` is
    where that is said. `images` are the names that the result gets, with the tag where the
    file tells it; of `app:${TAG}` with a tag from outside that is `app`. A name that is not
    known at all is Unknown. `context` and `dockerfile` are paths relative to the scanned root
    (`""` is the root itself) where they are paths of the repository (`is_local`), else as
    written; both are known also where only the default is meant. `dockerfile` is None for
    what is built without one (ko, jib, buildpacks) or from the text `inline`. `args` are those
    that the build is given, all of them; a value that comes from outside is Unknown.
    `contexts` are name=source texts. `variant` is the profile that has to be chosen for
    this build, None for what is built in any case.
    """

    ref: ResourceRef
    name: Located[str]
    tool: str
    images: tuple[Located[str | Unknown], ...] = ()
    context: Fact[str] = None
    dockerfile: Fact[str] = None
    target: Fact[str] = None
    args: tuple[EnvVar, ...] = ()
    contexts: Fact[tuple[str, ...]] = None
    inline: Fact[str] = None
    is_local: bool = True
    variant: str | None = None
