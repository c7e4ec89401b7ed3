"""Imports of those who bring in voices and may not edit customers: their own, and of voices alone.

Whoever may not read all imports sees those under their own name, by a criterion that is added to
every query, as for restricted customers. Commands and the worker have no visitor and see all."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import col

from vocloop.accounts.permissions import Permission, may
from vocloop.accounts.visitor import Visitor, signed, visiting
from vocloop.errors import ForbiddenError, says
from vocloop_models import ImportJob
from vocloop_models.database import WHOLE


def begin(job: ImportJob) -> ImportJob:
    """Before a file is checked or stored for the visitor. A file that nobody knows yet goes on as
    one of voices only. Raises ForbiddenError."""
    guard(job)
    job.by = job.by or signed(None)
    job.options = job.options | {"voices_only": not _edits_customers(visiting.get())}
    return job


def guard(job: ImportJob) -> ImportJob:
    """Raises ForbiddenError for customers, contacts and departments that the visitor may not
    edit."""
    if job.holds_master_data and not _edits_customers(visiting.get()):
        raise ForbiddenError(
            says(
                "you may not edit customers, and this file holds customers, contacts "
                "or departments; give it to a product manager or an administrator",
            )
        )
    return job


def _edits_customers(visitor: Visitor | None) -> bool:
    return visitor is None or may(visitor, Permission.EDIT_CUSTOMERS)


@event.listens_for(OrmSession, "do_orm_execute")
def _leave_out(state: ORMExecuteState) -> None:
    visitor = visiting.get()
    if visitor is None or not state.is_select or state.is_column_load:
        return
    # A program with a token that brings in and may not read sees what its owner sees.
    if may(replace(visitor, scopes=None), Permission.READ_ALL_IMPORTS):
        return
    if state.session.info.get(WHOLE):
        return
    own = col(ImportJob.by) == visitor.name
    state.statement = state.statement.options(with_loader_criteria(ImportJob, own))
