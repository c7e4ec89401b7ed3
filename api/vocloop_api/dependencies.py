"""What routes ask for. One request is one transaction, over before the answer is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from vocloop_models.database import reading, transaction


def read_session(request: Request) -> Iterator[Session]:
    with reading(request.app.state.engine) as session:
        yield session


def write_session(request: Request) -> Iterator[Session]:
    with transaction(request.app.state.engine) as session:
        yield session


# scope="function": the commit comes before the answer, so that 201 is never said of a row that
# the database refused at the end.
ReadSession = Annotated[Session, Depends(read_session, scope="function")]
WriteSession = Annotated[Session, Depends(write_session, scope="function")]
