"""Sign-in by OpenID Connect against a provider on this machine: code flow with PKCE, roles from a claim, and everything that is refused."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from typer.testing import CliRunner

from services.cli import app
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.oidc_provider import OidcClient, OidcProvider
from services.referrer.declined import Declined
from services.referrer.oidc import Identified, OidcRules, identified
from services.referrer.roles import Role
from services.referrer.settings import ReferrerSettings
from services.runtime.errors import Fatal
from tests.consoles import AConsole, Browser
from tests.database.test_console_desk import words
from tests.desk import ADesk
from tests.oidc import BACK, CLIENT, ISSUER, SECRET, LocalProvider

SETTINGS: dict[str, Any] = {
    "oidc_issuer": ISSUER, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_redirect_url": BACK,
}  # fmt: skip


@pytest.fixture
def provider() -> LocalProvider:
    return LocalProvider()


@pytest.fixture
def console(database: SqlDatabase, provider: LocalProvider) -> Iterator[AConsole]:
    desk = ADesk(database)
    yield a_console(desk, provider)


def a_console(desk: ADesk, provider: LocalProvider, **settings: Any) -> AConsole:
    client = OidcClient(ISSUER, CLIENT, SECRET, BACK)
    found = OidcProvider(client, desk.clock, provider.http())
    return AConsole(desk, ReferrerSettings(**SETTINGS, **settings), provider=found)


async def signs_in(console: AConsole, provider: LocalProvider, to: str = "") -> tuple[Browser, httpx.Response]:
    """A browser that goes to the provider and comes back."""
    browser = console.browser()
    left = await browser.get(f"/sign-in/oidc?to={to}")
    assert left.status_code == 303, left.text
    return browser, await browser.get(provider.authorize(left.headers["location"]))


async def test_somebody_signs_in_elsewhere_and_works_here(console: AConsole, provider: LocalProvider) -> None:
    browser, back = await signs_in(console, provider, "/queue%3Fband%3DP1")
    assert (back.status_code, "You are signed in as ada." in words(back)) == (200, True)
    assert '<meta http-equiv="refresh" content="0; url=/queue?band=P1">' in back.text
    queue = await browser.get("/queue")
    assert "ada reviewer" in words(queue)
    person = console.desk.database.read(lambda books: books.people.by_pseudonym("ada"))
    assert person is not None and person.role is Role.REVIEWER
    assert console.desk.ledger() == ["person_changed"]


async def test_whoever_comes_from_a_page_with_a_very_long_address_signs_in_all_the_same(
    console: AConsole, provider: LocalProvider
) -> None:
    """A browser drops a cookie of more than 4 kB, and with it the sign-in that was begun."""
    left = await console.browser().get(f"/sign-in/oidc?to=/queue?q={'x' * 5_000}")
    assert all(len(cookie) < 4_096 for cookie in left.headers.get_list("set-cookie"))
    _, back = await signs_in(console, provider, f"/queue%3Fq%3D{'x' * 5_000}")
    assert '<meta http-equiv="refresh" content="0; url=/">' in back.text


async def test_the_code_is_bound_to_this_browser_by_pkce_state_and_nonce(
    console: AConsole, provider: LocalProvider
) -> None:
    await signs_in(console, provider)
    asked = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert "openid" in asked["scope"].split()
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


async def test_a_code_that_was_begun_elsewhere_signs_nobody_in(console: AConsole, provider: LocalProvider) -> None:
    """An attacker who plants a code of their own account must not get the victim into it."""
    attacker = console.browser()
    planted = provider.authorize((await attacker.get("/sign-in/oidc")).headers["location"])
    victim = console.browser()
    assert (await victim.get(planted)).status_code == 403
    await victim.get("/sign-in/oidc")
    assert (await victim.get(planted)).status_code == 403
    assert provider.tokens == 0
    assert (await victim.get("/queue")).status_code == 303


async def test_the_way_back_works_once(console: AConsole, provider: LocalProvider) -> None:
    browser = console.browser()
    back = provider.authorize((await browser.get("/sign-in/oidc")).headers["location"])
    assert (await browser.get(back)).status_code == 200
    assert (await browser.get(back)).status_code == 403
    assert provider.tokens == 1


OTHER = RSAKey.generate_key(2048, {"kid": "k1"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"lies": {"nonce": "another"}},
        {"lies": {"nonce": None}},
        {"lies": {"aud": "another-client"}},
        {"lies": {"aud": [CLIENT, "another-client"]}},
        {"lies": {"azp": "another-client"}},
        {"lies": {"iss": "http://127.0.0.1:9999/other"}},
        {"lies": {"exp": 1}},
        {"lies": {"iat": 4_000_000_000}},
        {"lies": {"sub": None}},
        {"signer": OTHER},
        {"header": {"alg": "HS256"}, "signer": OctKey.import_key(SECRET * 2)},
        {"status": 400},
    ],
    ids=lambda wrong: str({name: value for name, value in wrong.items() if name != "signer"}),
)
async def test_a_token_that_is_not_right_signs_nobody_in(
    console: AConsole, provider: LocalProvider, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(provider, name, value)
    browser, back = await signs_in(console, provider)
    assert (back.status_code, "did not sign you in" in words(back)) == (403, True)
    assert (await browser.get("/queue")).status_code == 303
    assert console.desk.ledger() == []


async def test_new_keys_of_the_provider_are_read_when_they_are_needed(
    console: AConsole, provider: LocalProvider
) -> None:
    assert (await signs_in(console, provider))[1].status_code == 200
    provider.key = RSAKey.generate_key(2048, {"kid": "k2"})
    provider.header = {"alg": "RS256", "kid": "k2"}
    assert (await signs_in(console, provider))[1].status_code == 200


async def test_a_provider_that_is_away_or_somebody_else_is_said(console: AConsole, provider: LocalProvider) -> None:
    provider.issuer = "http://127.0.0.1:9999/other"
    assert (await console.browser().get("/sign-in/oidc")).status_code == 409
    provider.issuer, provider.status = ISSUER, 503
    _, back = await signs_in(console, provider)
    assert (back.status_code, "does not answer" in words(back)) == (409, True)


async def test_the_role_is_the_one_of_the_last_sign_in(console: AConsole, provider: LocalProvider) -> None:
    first, _ = await signs_in(console, provider)
    provider.claims["roles"] = ["auditor"]
    await signs_in(console, provider)
    assert "ada auditor" in words(await first.get("/audit"))
    assert console.desk.ledger().count("person_changed") == 2


async def test_a_renamed_account_stays_the_same_person(console: AConsole, provider: LocalProvider) -> None:
    await signs_in(console, provider)
    provider.claims["preferred_username"] = "ada.lovelace"
    _, back = await signs_in(console, provider)
    assert "You are signed in as ada." in words(back)


async def test_another_account_of_the_same_name_is_nobody(console: AConsole, provider: LocalProvider) -> None:
    await signs_in(console, provider)
    provider.claims["sub"] = "u-2"
    _, back = await signs_in(console, provider)
    assert (back.status_code, "belongs to somebody else" in words(back)) == (403, True)


async def test_an_operator_unties_a_person_from_an_account(
    console: AConsole, provider: LocalProvider, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _ = await signs_in(console, provider)
    monkeypatch.setenv("REFERRER_DATABASE_URL", database_url)
    untied = [CliRunner().invoke(app, ["people", "unlink", "ada"]).exit_code for _ in range(2)]
    assert untied[0] == 0 and untied[1] != 0
    assert (await browser.get("/queue")).status_code == 303
    provider.claims["sub"] = "u-2"
    assert (await signs_in(console, provider))[1].status_code == 200


async def test_a_name_with_a_password_here_is_not_taken_over(console: AConsole, provider: LocalProvider) -> None:
    console.hire("ada", Role.LEAD)
    _, back = await signs_in(console, provider)
    assert back.status_code == 403
    person = console.desk.database.read(lambda books: books.people.by_pseudonym("ada"))
    assert person is not None and person.role is Role.LEAD


async def test_whoever_was_added_without_a_password_is_linked(console: AConsole, provider: LocalProvider) -> None:
    _, before = console.desk.tokened("ada", Role.REVIEWER)
    assert (await signs_in(console, provider))[1].status_code == 200
    after = console.desk.database.read(lambda books: books.people.by_pseudonym("ada"))
    assert after is not None and after.token_sha256 == before.token_sha256


async def test_a_closed_account_stays_closed(console: AConsole, provider: LocalProvider) -> None:
    await signs_in(console, provider)
    person = console.desk.database.read(lambda books: books.people.by_pseudonym("ada"))
    assert person is not None
    gone = replace(person, revoked_at=console.desk.clock.now())
    console.desk.database.write(lambda books: books.people.put(gone))
    _, back = await signs_in(console, provider)
    assert (back.status_code, "is closed" in words(back)) == (403, True)


async def test_nobody_is_sent_to_another_site_afterwards(console: AConsole, provider: LocalProvider) -> None:
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        _, back = await signs_in(console, provider, to)
        assert "evil" not in back.text


async def test_the_cookies_are_out_of_reach(database: SqlDatabase, provider: LocalProvider) -> None:
    console = a_console(ADesk(database), provider, secure_cookie=True)
    left = await console.browser().get("/sign-in/oidc")
    (cookie,) = left.headers.get_list("set-cookie")
    for mark in ("__Host-hub_session_oidc=", "HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=600"):
        assert mark in cookie


@pytest.mark.parametrize("cookie", ["", "x", "W10", "WzEsMiwzLDRd", "é"])
async def test_a_cookie_that_is_none_begins_nothing(console: AConsole, cookie: str) -> None:
    headers = {"cookie": f"hub_session_oidc={cookie}".encode()}
    answer = await console.browser().http.get("/sign-in/oidc/back?code=c&state=s", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 403


async def test_it_is_off_by_default(database: SqlDatabase) -> None:
    console = AConsole(ADesk(database))
    browser = console.browser()
    assert "oidc" not in (await browser.get("/sign-in")).text
    assert (await browser.get("/sign-in/oidc")).status_code == 404


async def test_the_sign_in_page_offers_it_beside_the_password(console: AConsole) -> None:
    page = await console.browser().get("/sign-in?to=/audit")
    assert 'href="/sign-in/oidc?to=/audit"' in page.text
    assert 'name="password"' in page.text


@pytest.mark.parametrize("issuer", ["http://sso.example", "ftp://x", "https://", "sso.example", "https://a/?x=1"])
def test_an_issuer_in_the_clear_is_refused_at_start(issuer: str) -> None:
    with pytest.raises(Fatal, match="REFERRER_OIDC_ISSUER"):
        ReferrerSettings(oidc_issuer=issuer)


RULES = OidcRules(roles=(("desk-reviewers", Role.REVIEWER), ("desk-leads", Role.LEAD)))
CLAIMS = {"iss": ISSUER, "sub": "u-1", "preferred_username": "Ada"}


@pytest.mark.parametrize(
    ("claim", "role"),
    [(["desk-leads", "staff"], Role.LEAD), ("staff desk-reviewers", Role.REVIEWER)],
)
def test_a_role_is_read_from_a_list_or_from_words(claim: object, role: Role) -> None:
    found = identified({**CLAIMS, "roles": claim}, RULES)
    assert isinstance(found, Identified)
    assert (found.pseudonym, found.role) == ("ada", role)


@pytest.mark.parametrize(
    "claims",
    [
        {}, {"roles": []}, {"roles": ["admin"]}, {"roles": {"desk-leads": 1}}, {"roles": [1]},
        {"roles": ["desk-leads", "desk-reviewers"]},
        {"roles": ["desk-leads"], "preferred_username": "../ada"}, {"roles": ["desk-leads"], "preferred_username": ""},
    ],
    ids=str,
)  # fmt: skip
def test_an_account_without_one_role_and_one_name_is_nobody(claims: dict[str, object]) -> None:
    assert isinstance(identified({**CLAIMS, **claims}, RULES), Declined)
