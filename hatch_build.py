"""Puts the bundle of the built-in rules into the wheel; see `scanner/policy/bundle.py`."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes the bundle beside the build and adds it to the wheel, not to the source tree."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from scanner.pipeline import Settings, catalog_of
            from scanner.policy.bundle import FILE_NAME, dump_bundle
        finally:
            sys.path.pop(0)
        catalog = catalog_of(Settings(), examples=True)
        path = Path(self.directory) / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump_bundle(catalog.rules.values(), catalog.frameworks.values()), encoding="utf-8")
        build_data["force_include"][str(path)] = f"scanner/policy/{FILE_NAME}"
