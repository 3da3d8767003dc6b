"""Addresses typed by a merchant never point inside, unless the operator allows the host."""

from __future__ import annotations

import socket

import pytest

from jetsync.exceptions import InvalidInput
from jetsync.net import check_outside_url


def resolve_to(monkeypatch, *addresses):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1"],
)
def test_inside_addresses_are_refused(monkeypatch, settings, address):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, address)
    with pytest.raises(InvalidInput) as caught:
        check_outside_url("https://jet.example.com/api")
    assert caught.value.code == "private_address"


def test_one_inside_address_among_outside_ones_is_enough(monkeypatch, settings):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, "93.184.216.34", "10.0.0.5")
    with pytest.raises(InvalidInput):
        check_outside_url("https://jet.example.com/api")


def test_outside_address_is_fine(monkeypatch, settings):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, "93.184.216.34")
    check_outside_url("https://jet.example.com/api")


def test_operator_allows_host_and_port(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1:8099"]
    check_outside_url("http://127.0.0.1:8099/api")
    with pytest.raises(InvalidInput):
        check_outside_url("http://127.0.0.1:5432/api")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://jet.example.com", "bad_address"),
        ("javascript:alert(1)", "bad_address"),
        ("//jet.example.com", "bad_address"),
        ("https://", "bad_address"),
        ("https://me:secret@jet.example.com/", "bad_address"),
        ("http://jet.example.com:99999/", "bad_address"),
        ("merchant-api.jet.com/api", "bad_address"),
    ],
)
def test_other_texts_are_refused(url, code):
    with pytest.raises(InvalidInput) as caught:
        check_outside_url(url)
    assert caught.value.code == code
