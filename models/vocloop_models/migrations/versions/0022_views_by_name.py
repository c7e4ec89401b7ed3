"""A page has one view of a name; of those that have the same, the later ones are numbered"""

from __future__ import annotations

from itertools import count

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

NAME = "uq_savedview_page"
LONGEST = 100


def upgrade() -> None:
    _number(op.get_bind())
    with op.batch_alter_table("savedview") as batch:
        batch.create_unique_constraint(NAME, ["page", "name"])


def _number(connection: sa.Connection) -> None:
    view = sa.table(
        "savedview", sa.column("id", sa.Uuid()), sa.column("page"), sa.column("name", sa.String())
    )
    found = connection.execute(sa.select(view).order_by(view.c.id)).all()
    taken = {(page, name) for _, page, name in found}
    seen: set[tuple[str, str]] = set()
    for view_id, page, name in found:
        if (page, name) not in seen:
            seen.add((page, name))
            continue
        ends = (f" ({number})" for number in count(2))
        names = (name[: LONGEST - len(end)] + end for end in ends)
        free = next(each for each in names if (page, each) not in taken)
        taken.add((page, free))
        connection.execute(sa.update(view).where(view.c.id == view_id).values(name=free))


def downgrade() -> None:
    with op.batch_alter_table("savedview") as batch:
        batch.drop_constraint(NAME)
