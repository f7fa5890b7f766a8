"""Which values mean themselves wherever they stand."""

from __future__ import annotations

import random
import string

import pytest

from scanner.secrets.distinctive import is_distinctive


@pytest.mark.parametrize(
    "value",
    [
        *("inventory", "postgres", "admin", "web", "changeme", "secret", "Password1", "admin123", "hunter2"),
        *("my-app-db", "shop_web", "grafana", "nginx", "mysql", "minioadmin", "KEYCLOAK", "myDatabase"),
        *("k8s-prod", "12345678", "1234", "", "abc", "pg14", "------------", "correct-horse"),
    ],
)
def test_words_numbers_and_short_texts_do_not(value: str) -> None:
    assert not is_distinctive(value)


@pytest.mark.parametrize(
    "value",
    [
        *("Kx82mQzt71bW", "kV93hd82LqpX", "Vq83-kestrel", "P@ssw0rd", "AKIAQ3XTWZ7MP2LKJH5V", "S3cr3t!"),
        *("0123456789abcdef", "shop-web-7f3a9c", "correct-horse-battery-staple", "ключ от дома"),
        *("550e8400-e29b-41d4-a716-446655440000", "pässwörter", "x" * 70, "123456789012"),
    ],
)
def test_what_nobody_names_a_thing_does(value: str) -> None:
    assert is_distinctive(value)


def test_nearly_every_random_value_is_distinctive() -> None:
    chance = random.Random(1)
    signs = string.ascii_letters + string.digits
    values = ["".join(chance.choices(signs, k=12)) for _ in range(5_000)]
    assert sum(map(is_distinctive, values)) > 4_980
