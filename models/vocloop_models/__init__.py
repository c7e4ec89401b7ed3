"""Tables and value types: the nouns that every other package shares."""

from vocloop_models.base import Record, UtcDateTime, new_id, now
from vocloop_models.contact import Contact
from vocloop_models.customer import Customer, TouchTier
from vocloop_models.department import Department
from vocloop_models.feedback import Channel, Feedback, FeedbackState, Priority, RatingScale
from vocloop_models.job import Job, JobKind, JobState
from vocloop_models.membership import AssignedBy, ThemeMembership
from vocloop_models.run import ClusterRun, RunState
from vocloop_models.score import LongevityKind, ThemeScore
from vocloop_models.statement import Statement, StatementVector
from vocloop_models.theme import Theme, ThemeEvent, ThemeEventKind, ThemeState

__all__ = [
    "AssignedBy",
    "Channel",
    "ClusterRun",
    "Contact",
    "Customer",
    "Department",
    "Feedback",
    "FeedbackState",
    "Job",
    "JobKind",
    "JobState",
    "LongevityKind",
    "Priority",
    "RatingScale",
    "Record",
    "RunState",
    "Statement",
    "StatementVector",
    "Theme",
    "ThemeEvent",
    "ThemeEventKind",
    "ThemeMembership",
    "ThemeScore",
    "ThemeState",
    "TouchTier",
    "UtcDateTime",
    "new_id",
    "now",
]
