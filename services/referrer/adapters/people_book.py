"""People and platforms' connectors in the database; of their tokens only hashes."""

import sqlalchemy as sa

from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.sql import record_of, values_of
from services.referrer.adapters.tables import connectors, people
from services.referrer.records import Connector, Person


class PeopleBook:
    """People over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def by_token(self, token_id: str) -> Person | None:
        """Whose token this is."""
        return self._person(people.c.token_id == token_id)

    def by_pseudonym(self, pseudonym: str) -> Person | None:
        """One person."""
        return self._person(people.c.pseudonym == pseudonym)

    def _person(self, which: sa.ColumnElement[bool]) -> Person | None:
        row = self._connection.execute(sa.select(people).where(which)).mappings().one_or_none()
        return record_of(Person, row) if row is not None else None

    def everybody(self) -> list[Person]:
        """All people, revoked ones too."""
        rows = self._connection.execute(sa.select(people).order_by(people.c.created_at, people.c.pseudonym))
        return [record_of(Person, row) for row in rows.mappings()]

    def put(self, person: Person) -> None:
        """Insert or replace."""
        upsert(self._connection, people, [values_of(person)])

    def connector_by_token(self, token_id: str) -> Connector | None:
        """Which platform's system this token belongs to."""
        statement = sa.select(connectors).where(connectors.c.token_id == token_id)
        row = self._connection.execute(statement).mappings().one_or_none()
        return record_of(Connector, row) if row is not None else None

    def connectors(self) -> list[Connector]:
        """All of them, revoked ones too."""
        rows = self._connection.execute(
            sa.select(connectors).order_by(connectors.c.created_at, connectors.c.connector_id)
        )
        return [record_of(Connector, row) for row in rows.mappings()]

    def put_connector(self, connector: Connector) -> None:
        """Insert or replace."""
        upsert(self._connection, connectors, [values_of(connector)])
