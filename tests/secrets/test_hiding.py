"""The value of a secret appears in no message, also where it fills in another field."""

from __future__ import annotations

import pytest

from tests.support import hullcheck, write_tree

VALUE = "kV93hd82LqpX"


@pytest.mark.parametrize("form", ["console", "json", "sarif", "github", "markdown", "junit", "gitlab"])
def test_a_value_that_flows_into_other_fields_is_masked_in_every_format(tmp_path, form):
    write_tree(
        tmp_path,
        {
            "Dockerfile": f"FROM debian:12\nARG API_SECRET={VALUE}\nUSER $API_SECRET\n",
            ".env": f"DB_PASSWORD={VALUE}\n",
            "compose.yaml": "services:\n  a:\n    image: reg.io/${DB_PASSWORD}/x\n    ports: ['${DB_PASSWORD}:80']\n"
            "    volumes: ['/home/${DB_PASSWORD}:/x']\n",
        },
    )
    ran = hullcheck("scan", str(tmp_path), "--profile", "all", "--format", form, "-v")
    assert "Dockerfile" in ran.out
    assert VALUE not in ran.out
    assert VALUE.lower() not in ran.out.lower()
