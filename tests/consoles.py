"""The console over a test's database: without a socket for most tests, behind the real HTTP server for a browser."""

import asyncio
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import jinja2
import structlog
from argon2 import PasswordHasher

from deploy.kafka.broker import free_port
from services.referrer.adapters.oidc_provider import OidcProvider
from services.referrer.api import DeskApi
from services.referrer.console.pages import Console, UseCases
from services.referrer.console.site import beside
from services.referrer.finding import Finding
from services.referrer.overview import Overview
from services.referrer.roles import Role
from services.referrer.sessions import SignIn
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import Clock
from services.runtime.http_server import HttpServer
from tests.desk import DIRECTORY, ADesk

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
# Hashing is slow on purpose; what is proven here is not how slow.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Compiled(jinja2.BytecodeCache):
    """Templates that one console of this process compiled, for all others."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if (code := self._code.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@dataclass
class AConsole:
    """The whole console, and the programs' interface beside it, over one desk."""

    desk: ADesk
    settings: ReferrerSettings = field(default_factory=ReferrerSettings)
    clock: Clock | None = None
    provider: OidcProvider | None = None

    def __post_init__(self) -> None:
        clock, desk, log = self.clock or self.desk.clock, self.desk, structlog.get_logger()
        self.sign_in = SignIn(desk.database, clock, self.settings.session(), QUICK)
        self.finding = Finding(desk.database)
        overview = Overview(desk.database, DIRECTORY, clock)
        use = UseCases(desk.desk, desk.deciding, desk.amending, self.finding, overview, desk.boards, self.sign_in)
        self.console = Console(self.settings, use, DIRECTORY, clock, log, lambda: None, self.provider)
        self.console.site.templates.bytecode_cache = COMPILED
        api = DeskApi(
            self.settings, desk.desk, desk.deciding, desk.amending, desk.following, desk.boards, log, lambda: None
        )  # fmt: skip
        self.app = beside(api.app(), self.console.app())

    def hire(self, name: str, role: Role = Role.REVIEWER) -> None:
        """A person with a password."""
        self.desk.tokened(name, role)
        assert self.sign_in.set_password(name, PASSWORD, "operator") is None

    def browser(self, **settings: Any) -> "Browser":
        """Somebody who is not signed in."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return Browser(httpx.AsyncClient(transport=transport, base_url="http://desk", **settings))

    async def signed_in(self, role: Role, name: str | None = None) -> "Browser":
        """Somebody of that role, signed in."""
        name = name or f"{role.value}-1"
        self.hire(name, role)
        browser = self.browser()
        answer = await browser.sign_in(name)
        assert answer.status_code == 303, answer.text
        return browser


@dataclass
class Browser:
    """A client that keeps cookies and fills in forms as a page gives them."""

    http: httpx.AsyncClient
    token: str = ""

    async def get(self, path: str) -> httpx.Response:
        answer = await self.http.get(path)
        if (found := TOKEN.search(answer.text)) is not None:
            self.token = found[1]
        return answer

    async def post(
        self, path: str, fields: Mapping[str, Any] | None = None, token: str | None = None
    ) -> httpx.Response:
        data = {"form_token": self.token if token is None else token, **(fields or {})}
        return await self.http.post(path, data={name: value for name, value in data.items() if value is not None})

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        await self.get("/sign-in")
        answer = await self.post("/sign-in", {"name": name, "password": password})
        if answer.status_code == 303:
            await self.get("/platforms")
        return answer


@contextmanager
def served(console: AConsole) -> Iterator[str]:
    """The address of the console behind the server that the referrer uses, on the loopback."""
    port, loop = free_port(), asyncio.new_event_loop()
    server = HttpServer(console.app, "127.0.0.1", port)
    ready, done = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server.start()
        ready.set()
        await done.wait()
        await server.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait(10)
    address = f"http://127.0.0.1:{port}"
    try:
        _await_answer(address)
        yield address
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()


def _await_answer(address: str) -> None:
    transport = httpx.HTTPTransport(retries=20)
    with httpx.Client(transport=transport, base_url=address, timeout=10.0) as client:
        client.get("/sign-in").raise_for_status()
