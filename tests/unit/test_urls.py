"""One address, one spelling."""

import pytest

from schemas.base import LONGEST_URL
from services.ingest.urls import canonical_url
from services.runtime.errors import Rejected


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTPS://A.Example/x", "https://a.example/x"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://a.example/x?utm_source=app&v=1&fbclid=z", "https://a.example/x?v=1"),
        ("https://a.example/X?B=2&a=1#Part", "https://a.example/X?B=2&a=1#Part"),
        ("https://social.example/@kofi/1", "https://social.example/@kofi/1"),
        ("https://bsky.app/profile/did:plc:a/post/1", "https://bsky.app/profile/did:plc:a/post/1"),
        ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x"),
    ],
)
def test_an_address_gets_its_one_spelling(written: str, spelt: str) -> None:
    assert canonical_url(written) == spelt


@pytest.mark.parametrize("url", ["https://a.example/x", "https://[::1]:8/x?a#b", "http://a.example:8080/"])
def test_a_spelt_address_stays_as_it_is(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:word@a.example/x",
        "https://user@a.example/x",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://[::1/",
        "https:///x",
        "https://./x",
        "ftp://a.example/x",
        "javascript:alert(1)",
        "https://a.example/x\ny",
        "https://a.example/a b",
        "https://a.example\\@b.example/",
        "https://a.example/\x7f",
        # As long as the contract allows, before it gets its path: later stages would refuse it.
        "https://a.example?" + "x" * (LONGEST_URL - 18),
        "",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Rejected):
        canonical_url(url)
