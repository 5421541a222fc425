"""`hub topics`: creates the topics of the table and checks that a broker has them as the table says."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from rich.console import Console
from rich.table import Table

from schemas.topics import SHAPES, TOPICS, Shape
from schemas.vocabulary import Environment
from services.runtime.errors import Retryable
from services.runtime.kafka import connection
from services.runtime.settings import HubSettings, KafkaSettings

app = typer.Typer(help="Create and check the Kafka topics.", no_args_is_help=True)
TOPIC_EXISTS = 36
EnvironmentOption = Annotated[Environment | None, typer.Option("--environment", help="Default: HUB_ENVIRONMENT.")]


async def create_missing(settings: KafkaSettings, shape: Shape) -> dict[str, bool]:
    """Create every topic of the table that is missing; says per topic whether it was. Raises Retryable."""
    client = AIOKafkaAdminClient(**connection(settings), client_id="hub-topics")
    try:
        await client.start()
        answer = await client.create_topics(
            [
                NewTopic(name, shape.partitions, shape.replication_factor, topic_configs=topic.config(shape))
                for name, topic in TOPICS.items()
            ]
        )
    except KafkaError as why:
        raise Retryable(f"no answer from {settings.bootstrap}: {why}") from why
    finally:
        await client.close()
    created: dict[str, bool] = {}
    for name, code, *message in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):
            raise Retryable(f"{name}: {message[0] if message and message[0] else for_code(code).__name__}")
        created[name] = code == 0
    return created


async def differences(settings: KafkaSettings, shape: Shape) -> dict[str, list[str]]:
    """Per topic what is not as the table says: missing, another number of partitions or replicas, other settings. Raises Retryable."""
    client = AIOKafkaAdminClient(**connection(settings), client_id="hub-topics")
    try:
        await client.start()
        there = set(await client.list_topics())
        described = {d["topic"]: d for d in await client.describe_topics(sorted(there & TOPICS.keys()))}
        responses = await client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name) for name in sorted(there & TOPICS.keys())]
        )
    except KafkaError as why:
        raise Retryable(f"no answer from {settings.bootstrap}: {why}") from why
    finally:
        await client.close()
    configs = {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for response in responses
        for resource in response.resources
    }
    return {name: faults_of(name, shape, described.get(name), configs.get(name, {})) for name in TOPICS}


def faults_of(name: str, shape: Shape, described: Mapping[str, Any] | None, config: Mapping[str, str]) -> list[str]:
    """What of one topic, as the broker describes it (None: it has none), is not as the table says."""
    if described is None:
        return ["missing"]
    partitions = described["partitions"]
    count = len(partitions)
    faults = [f"{count} partitions, not {shape.partitions}"] if count != shape.partitions else []
    # Each partition has replicas of its own: one may lack what the others have.
    others = sorted({len(each["replicas"]) for each in partitions} - {shape.replication_factor})
    if others:
        faults.append(f"replication factor {' and '.join(map(str, others))}, not {shape.replication_factor}")
    wanted = TOPICS[name].config(shape)
    return faults + [
        f"{key} is {config.get(key)}, not {value}" for key, value in wanted.items() if config.get(key) != value
    ]


@app.command()
def create(environment: EnvironmentOption = None) -> None:
    """Create the topics that are missing; run it as often as you like."""
    shape = SHAPES[environment or HubSettings().environment]
    made = asyncio.run(create_missing(KafkaSettings(), shape))
    for name, new in made.items():
        typer.echo(f"{'created' if new else 'exists '}  {name}")


@app.command()
def check(environment: EnvironmentOption = None) -> None:
    """Compare the broker's topics with the table; exit 1 where they differ."""
    shape = SHAPES[environment or HubSettings().environment]
    found = asyncio.run(differences(KafkaSettings(), shape))
    table = Table("topic", "state")
    for name, faults in found.items():
        table.add_row(name, "; ".join(faults) or "as the table says")
    Console().print(table)
    if any(found.values()):
        raise typer.Exit(1)
