"""Dockerfiles as resources: their stages, and what they copy."""

from __future__ import annotations

from scanner.model.basics import EnvVar, Fact, ImageReference, Port, ResourceRef
from scanner.model.commands import Command, Run
from scanner.model.record import record
from scanner.model.source import Located, Unknown
from scanner.model.stage_parts import (
    CopySource,
    CredentialFile,
    StageInstruction,
    UndeclaredVariable,
    WorkingDirectory,
)


@record
class Copy:
    """A COPY or ADD (`keyword`).

    `origin` says what --from names: context (nothing), stage (an earlier one), self, image or
    unknown (nothing in the file, and no image with a tag); `from_text` is its text and `image` the
    image. `base` is the working directory in force, None where only the base image knows it.
    `relative` tells a destination that starts from there. `many` tells several sources.
    """

    keyword: Located[str]
    destination: Located[str | Unknown]
    origin: str = "context"
    from_text: Fact[str] = None
    image: ImageReference | None = None
    sources: tuple[CopySource, ...] = ()
    chown: Fact[str] = None
    chmod: Fact[str] = None
    checksum: Fact[str] = None
    exclude: Fact[tuple[str, ...]] = None
    base: Fact[str] = None
    relative: bool = False
    many: bool = False
    link: bool = False
    parents: bool = False
    onbuild: bool = False


@record
class BuildStage:
    """A stage of a Dockerfile.

    `user` is the last USER of the stage itself, else that of the stage it is based on;
    `uid` its number, where it has one. `final` marks the stage that is built by
    default, `in_image` it and the stages that it is based on. `base` is None only where FROM
    has no readable image; `origin` is the image from outside that the stages began with.
    `alias` is the name after AS, `named_in` the line of an earlier stage of that name;
    `platform_text` is --platform as written, and `platform_named` tells that the alias names
    it. `cmd` and `entrypoint` are as written, with what is inherited; `labels` are its own,
    `label_names` with those inherited. `image_env` is `env` where the stage is in the image.
    `volumes` are the paths of VOLUME, with those inherited in the file. `child_user` is the USER of an
    ONBUILD, which what is based on the stage begins with. `only_files` tells that it began with nothing
    and has neither CMD nor ENTRYPOINT: files to take out (docker build --output), no image to run.
    """

    ref: ResourceRef
    name: Located[str]
    index: int
    final: bool = False
    base: ImageReference | None = None
    platform: Fact[str] = None
    user: Fact[str] = None
    uid: Fact[int] = None
    healthcheck: Fact[str] = None
    env: tuple[EnvVar, ...] = ()
    args: tuple[EnvVar, ...] = ()
    ports: tuple[Port, ...] = ()
    in_image: bool = False
    origin: ImageReference | None = None
    alias: Fact[str] = None
    named_in: Fact[int] = None
    platform_text: Fact[str] = None
    platform_named: bool = False
    cmd: Fact[str] = None
    entrypoint: Fact[str] = None
    label_names: Fact[tuple[str, ...]] = None
    labels: tuple[EnvVar, ...] = ()
    copies: tuple[Copy, ...] = ()
    instructions: tuple[StageInstruction, ...] = ()
    workdirs: tuple[WorkingDirectory, ...] = ()
    undeclared: tuple[UndeclaredVariable, ...] = ()
    credential_files: tuple[CredentialFile, ...] = ()
    image_env: tuple[EnvVar, ...] = ()
    runs: tuple[Run, ...] = ()
    commands: tuple[Command, ...] = ()
    volumes: tuple[Located[str | Unknown], ...] = ()
    child_user: Fact[str] = None
    only_files: bool = False


@record
class Dockerfile:
    """A Dockerfile with its stages, in order; `syntax` is the frontend that its directive names."""

    ref: ResourceRef
    name: Located[str]
    stages: tuple[BuildStage, ...] = ()
    args: tuple[EnvVar, ...] = ()
    syntax: ImageReference | None = None
