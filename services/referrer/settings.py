"""Settings of the referrer, each with its reason."""

import os
from datetime import timedelta
from pathlib import Path

from pydantic import DirectoryPath, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from schemas.base import Country
from schemas.referral_parts import Issuer
from services.referrer.adapters.oidc_provider import OidcClient
from services.referrer.groups import PACKAGED as PACKAGED_GROUPS
from services.referrer.oidc import OidcRules
from services.referrer.policy import PACKAGED as PACKAGED_POLICY
from services.referrer.request_inputs import Desk
from services.referrer.retention import PACKAGED as RETENTION
from services.referrer.review_rules import EXEMPTION_HIGH, ReviewRules
from services.referrer.roles import Role
from services.referrer.sessions import SessionLength
from services.runtime.settings import Settings

# Tokens and codes travel to it: never in the clear beyond this machine.
OIDC_ISSUER = r"^(https://[^\s/?#]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)(/[^\s?#]*)?$"
LOCAL_DATABASE = "sqlite:///.local/referrer.db"


class ReferrerSettings(Settings):
    """REFERRER_… in the environment; secrets may also lie as files in the folder that HUB_SECRETS_DIR names."""

    model_config = SettingsConfigDict(
        env_prefix="REFERRER_", extra="ignore", frozen=True, secrets_dir=os.environ.get("HUB_SECRETS_DIR")
    )

    group: str = Field("hub-referrer", min_length=1, description="Consumer group; all referrers of one hub share it.")
    probes_port: int = Field(9103, ge=0, le=65_535, description="Metrics and probes; 0 picks a free port.")
    http_host: str = Field("127.0.0.1", description="Loopback unless somebody decides otherwise.")
    http_port: int = Field(8081, ge=1, le=65_535, description="Where the desk works and platforms report.")

    database_url: SecretStr = Field(
        SecretStr(LOCAL_DATABASE),
        description="SQLite for one desk, PostgreSQL for several referrers; it may hold a password.",
    )
    policy_file: Path = Field(
        PACKAGED_POLICY, description="Weights, windows and bounds of context; ledgered by digest."
    )
    groups_file: Path = Field(
        PACKAGED_GROUPS, description="Group names that this desk watches; the packaged list is empty."
    )
    batch: int = Field(256, ge=1, le=2_000, description="One transaction each: large enough to be worth its commit.")
    commit_seconds: float = Field(0.5, gt=0, description="What lies between is taken in again, and recognised.")
    database_attempts: int = Field(
        6, ge=1, description="How often a batch is tried before the process gives up; with waits about half a minute."
    )
    board_size: int = Field(50, ge=1, le=500, description="Lines of a board: more than anybody reads in an hour.")
    board_seconds: float = Field(1.0, gt=0, le=2, description="Boards show content within two seconds of its arrival.")
    outbox_batch: int = Field(200, ge=1, le=2_000, description="Records published and marked together.")
    outbox_seconds: float = Field(
        0.2, gt=0, description="How often the outbox is looked at when nothing was said of it."
    )
    leader_seconds: float = Field(2.0, gt=0, description="How often another referrer asks whether the leader is gone.")
    sweep_seconds: float = Field(
        5.0, gt=0, description="How often leases that ran out are freed and the queue measured."
    )
    checkpoint_minutes: float = Field(
        10.0, gt=0, description="What was cut off the ledger's end is found back to here."
    )
    checkpoint_key: SecretStr | None = Field(
        None,
        description="Ed25519 private key, 64 hex digits, that signs the ledger's checkpoints; keep it elsewhere too.",
    )

    lease_minutes: float = Field(20.0, gt=0, description="Longer than a hard case takes, shorter than a break.")
    golden_rate: float = Field(
        0.02, ge=0, le=1, description="Share of a person's cases whose right answer is known; none leads to a request."
    )
    blind_rate: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of decided cases that a second person decides without knowing of the first.",
    )
    chores_seconds: float = Field(
        15.0, gt=0, description="How often the leader marks deadlines and measures agreement."
    )
    retention_file: Path = Field(
        RETENTION, description="How long what is kept; `hub retention run --dry-run` shows it."
    )
    exemption_high: float = Field(
        EXEMPTION_HIGH, ge=0, le=1, description="From this score on a second reviewer is needed."
    )
    max_body_bytes: int = Field(262_144, ge=1_024, description="The largest decision names 500 addresses.")
    body_seconds: float = Field(15.0, gt=0, description="A whole body must arrive in this time.")
    max_requests: int = Field(64, ge=1, description="Requests at work at once; more are asked to come again.")

    session_hours: float = Field(10.0, gt=0, description="A shift; whoever works longer signs in again.")
    session_idle_minutes: float = Field(60.0, gt=0, description="A screen that was left stays usable this long.")
    secure_cookie: bool = Field(
        False, description="True wherever the console is reached over TLS: then the cookie never travels without it."
    )

    oidc_issuer: str | None = Field(
        None,
        pattern=OIDC_ISSUER,
        description="OpenID provider beside passwords; none: passwords alone. https, or this machine.",
    )
    oidc_client_id: str = Field("referral-hub", min_length=1, description="What the provider calls this desk.")
    oidc_client_secret: SecretStr | None = Field(None, description="For a confidential client; PKCE is used anyway.")
    oidc_redirect_url: str = Field(
        "http://127.0.0.1:8081/sign-in/oidc/back", description="As registered with the provider; it ends so."
    )
    oidc_name_claim: str = Field("preferred_username", min_length=1, description="Names a person's pseudonym.")
    oidc_role_claim: str = Field("roles", min_length=1, description="A list, or words; exactly one is of this desk.")
    oidc_roles: dict[str, Role] = Field(
        {role.value: role for role in Role}, description='Role for a word of that claim: {"desk-leads": "lead"}.'
    )

    issuer_authority: str = Field("Referral Hub (local)", min_length=1, description="Who asks; stands in every notice.")
    issuer_unit: str = Field("Referral desk", min_length=1, description="The unit that answers for a notice.")
    issuer_jurisdiction: Country = Field("GB", description="Whose law the desk names.")
    issuer_contact_name: str = Field("Duty officer", min_length=1, description="Whom a platform asks back.")
    issuer_email: str = Field("desk@hub.invalid", description="DSA Art. 16 needs one; .invalid can never be reached.")
    issuer_phone: str | None = Field(None, description="TCO Annex I needs one that is answered within the hour.")
    author_route: str = Field(
        "Write to the issuer's address; a lead other than the reviewers looks at the request again.",
        min_length=1,
        description="How the poster can object; stands in every notice with legal force.",
    )
    fonts_folder: DirectoryPath | None = Field(
        None,
        description="Further .ttf or .otf fonts for PDF notices: scripts that DejaVu lacks, as Chinese or Bengali.",
    )
    trusted_flagger: bool = Field(
        False,
        description="Whether this desk was awarded the status of DSA Art. 22; without it no trusted flagger notice leaves.",
    )
    retention_days: int = Field(400, ge=30, le=2_000, description="How long a request is kept.")

    def identity(self) -> Desk:
        """What is the same in every request of this desk."""
        issuer = Issuer(
            authority=self.issuer_authority,
            unit=self.issuer_unit,
            jurisdiction=self.issuer_jurisdiction,
            contact_name=self.issuer_contact_name,
            email=self.issuer_email,
            phone=self.issuer_phone,
        )
        return Desk(issuer, self.author_route, retention_days=self.retention_days, trusted_flagger=self.trusted_flagger)

    def rules(self) -> ReviewRules:
        """What the desk sets of the review rules."""
        return ReviewRules(exemption_high=self.exemption_high, golden_rate=self.golden_rate, blind_rate=self.blind_rate)

    def oidc(self) -> tuple[OidcClient, OidcRules] | None:
        """What this desk is to its OpenID provider, if it has one."""
        if self.oidc_issuer is None:
            return None
        secret = self.oidc_client_secret.get_secret_value() if self.oidc_client_secret else None
        client = OidcClient(self.oidc_issuer, self.oidc_client_id, secret, self.oidc_redirect_url)
        return client, OidcRules(self.oidc_name_claim, self.oidc_role_claim, tuple(self.oidc_roles.items()))

    def lease(self) -> timedelta:
        """How long a case is held."""
        return timedelta(minutes=self.lease_minutes)

    def session(self) -> SessionLength:
        """How long somebody stays signed in."""
        return SessionLength(timedelta(hours=self.session_hours), timedelta(minutes=self.session_idle_minutes))

    def database_file(self) -> Path | None:
        """The file of an embedded database; None for a server."""
        prefix, _, path = self.database_url.get_secret_value().partition(":///")
        return Path(path) if prefix.startswith("sqlite") else None
