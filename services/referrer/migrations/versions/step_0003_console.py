"""The tables of the console: passwords, sessions, failed sign-ins, words of cases; ways into the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "passwords",
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=256), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pseudonym"], ["people.pseudonym"], name=op.f("fk_passwords_pseudonym")),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_passwords")),
    )
    op.create_table(
        "sessions",
        sa.Column("session_sha256", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pseudonym"], ["people.pseudonym"], name=op.f("fk_sessions_pseudonym")),
        sa.PrimaryKeyConstraint("session_sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_pseudonym"), "sessions", ["pseudonym"], unique=False)
    op.create_index(op.f("ix_sessions_ends_at"), "sessions", ["ends_at"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_failed_at"), "sign_in_failures", ["failed_at"], unique=False)
    op.create_table(
        "case_words",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("negative_seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("word", "negative_seen", "content_key", name=op.f("pk_case_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_words_content_key", "case_words", ["content_key"], unique=False)
    op.create_index("ix_ledger_at", "ledger", ["at"], unique=False)
    op.create_index("ix_ledger_kind_seq", "ledger", ["kind", "seq"], unique=False)
    op.create_index("ix_ledger_actor_seq", "ledger", ["actor", "seq"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_ledger_actor_seq", "ledger")
    op.drop_index("ix_ledger_kind_seq", "ledger")
    op.drop_index("ix_ledger_at", "ledger")
    op.drop_table("case_words")
    op.drop_table("sign_in_failures")
    op.drop_table("sessions")
    op.drop_table("passwords")
