"""The lock file of Apache Kafka's jars comes in; a class path of verified files goes out, fetched once and kept."""

import fcntl
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from jgo.env import LockFile
from jgo.maven import MavenContext
from rich.console import Console
from rich.progress import Progress

from services.runtime.errors import Fatal

LOCK = Path(__file__).parent / "jgo.lock.toml"
PARALLEL = 6


def jar_path(repository: Path, group: str, artifact: str, version: str) -> Path:
    """Where a jar lies in the kept repository."""
    return repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


def class_path(repository: Path, lock: Path = LOCK) -> list[Path]:
    """Every jar of the lock file, fetched where missing. Raises Fatal naming a jar that cannot be had or has a wrong byte."""
    wanted = {jar_path(repository, d.groupId, d.artifactId, d.version): d for d in LockFile.load(lock).dependencies}
    if any(not path.exists() for path in wanted):
        with _one_at_a_time(repository):
            # Another process may have fetched them while this one waited for its turn.
            _fetch(repository, {path: d for path, d in wanted.items() if not path.exists()})
    for path, dependency in wanted.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != dependency.sha256:
            raise Fatal(f"{path} is not the file that {lock.name} names; delete it and start again")
    return list(wanted)


@contextmanager
def _one_at_a_time(repository: Path) -> Iterator[None]:
    """Held by one process of this machine; the others wait, as a half-written jar is no jar."""
    repository.mkdir(parents=True, exist_ok=True)
    with (repository / ".fetching").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _fetch(repository: Path, wanted: dict[Path, object]) -> None:
    context = MavenContext(repo_cache=repository)
    with Progress(console=Console(stderr=True), transient=True) as progress, ThreadPoolExecutor(PARALLEL) as pool:
        task = progress.add_task("fetching Apache Kafka", total=len(wanted))
        futures = {pool.submit(_resolve, context, dependency): path for path, dependency in wanted.items()}
        for future in as_completed(futures):
            try:
                future.result()
            except (OSError, RuntimeError) as why:
                pool.shutdown(cancel_futures=True)
                raise Fatal(f"cannot fetch {futures[future].name}: {why}; check the network and start again") from why
            progress.advance(task)


def _resolve(context: MavenContext, dependency: object) -> None:
    group, artifact, version = (getattr(dependency, name) for name in ("groupId", "artifactId", "version"))
    context.project(group, artifact).at_version(version).artifact().resolve()
