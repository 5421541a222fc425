"""`make secrets`: a folder comes in; every secret that docker compose reads and that is missing there is made."""

import secrets
import sys
from pathlib import Path
from urllib.parse import quote

FOLDER = Path(__file__).parent / "secrets"
SHARED = "database_password"


def make_missing(folder: Path = FOLDER) -> list[str]:
    """Write what is missing; gives the names of what was written. What a file holds already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    # The folder keeps others out; the files themselves are read by the services' own users inside their containers.
    folder.chmod(0o700)
    made = [
        name
        for name in (SHARED, "ingest_author_secret", "grafana_password")
        if _write(folder / name, secrets.token_urlsafe(36))
    ]
    password = quote((folder / SHARED).read_text().strip(), safe="")
    if _write(folder / "referrer_database_url", f"postgresql+psycopg://hub:{password}@database/hub"):
        made.append("referrer_database_url")
    # An Ed25519 private key, which is any 32 random bytes.
    if _write(folder / "referrer_checkpoint_key", secrets.token_hex(32)):
        made.append("referrer_checkpoint_key")
    return made


def _write(path: Path, value: str) -> bool:
    made = not path.exists()
    if made:
        path.write_text(value)
    # Whatever the shell's umask, and whoever copied it back: those users are not this one.
    path.chmod(0o644)
    return made


def main() -> int:
    """Say what was made; returns 0."""
    made = make_missing()
    sys.stdout.write("".join(f"made deploy/secrets/{name}\n" for name in made) or "every secret is there already\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
