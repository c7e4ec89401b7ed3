"""Tables and value types: the nouns that every other package shares."""

from vocloop_models.area import Area
from vocloop_models.backlog import (
    BacklogItem,
    Horizon,
    ItemDepartment,
    ItemDependency,
    ItemState,
    ItemTheme,
    RoadmapChange,
    Stage,
    TargetRating,
)
from vocloop_models.base import Record, UtcDateTime, new_id, now
from vocloop_models.connector import Connector, ConnectorEvent, ConnectorKind
from vocloop_models.contact import Contact
from vocloop_models.customer import Customer, TouchTier
from vocloop_models.customer_merge import (
    AliasKind,
    CustomerAlias,
    CustomerMerge,
    MergeReason,
    MergeState,
)
from vocloop_models.decision import Decision, Verdict
from vocloop_models.department import Department
from vocloop_models.fact import FactKind, FactStatement, ThemeFact
from vocloop_models.feedback import Channel, Feedback, FeedbackState, Priority, RatingScale
from vocloop_models.hypothesis import (
    Hypothesis,
    HypothesisEvidence,
    HypothesisState,
    HypothesisVersion,
    Side,
)
from vocloop_models.import_job import ImportJob, ImportPart, ImportRefusal, ImportState
from vocloop_models.job import Job, JobKind, JobState
from vocloop_models.membership import AssignedBy, ThemeMembership
from vocloop_models.minority import MinorityGroup, MinorityMember
from vocloop_models.outcome import Measure, Movement, NextStep, OutcomeReview, OutcomeTest
from vocloop_models.place import ThemePlace
from vocloop_models.privacy import (
    AuditAction,
    AuditEntry,
    PersonalData,
    SealedValue,
    SourcePolicy,
    WorkspaceKey,
)
from vocloop_models.proposal import ProposalKind, ProposalState, ThemeProposal
from vocloop_models.round import (
    Round,
    RoundComment,
    RoundItem,
    RoundRule,
    RoundState,
    Scenario,
    ScenarioState,
    Vote,
    VoteChoice,
)
from vocloop_models.routing import (
    DecidedBy,
    OverdueAlert,
    Routing,
    RoutingEvent,
    RoutingEventKind,
    RoutingRule,
    RoutingState,
    RuleField,
)
from vocloop_models.run import ClusterRun, RunState
from vocloop_models.saved_view import SavedView
from vocloop_models.score import LongevityKind, ScoreWeights, ThemeScore
from vocloop_models.severity import SeverityCorrection, SeverityLesson
from vocloop_models.spot_check import SpotCheck
from vocloop_models.statement import Statement, StatementKind, StatementVector
from vocloop_models.theme import (
    KNOWN_STATES,
    SHOWN_STATES,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeState,
)

__all__ = [
    "KNOWN_STATES",
    "SHOWN_STATES",
    "AliasKind",
    "Area",
    "AssignedBy",
    "AuditAction",
    "AuditEntry",
    "BacklogItem",
    "Channel",
    "ClusterRun",
    "Connector",
    "ConnectorEvent",
    "ConnectorKind",
    "Contact",
    "Customer",
    "CustomerAlias",
    "CustomerMerge",
    "DecidedBy",
    "Decision",
    "Department",
    "FactKind",
    "FactStatement",
    "Feedback",
    "FeedbackState",
    "Horizon",
    "Hypothesis",
    "HypothesisEvidence",
    "HypothesisState",
    "HypothesisVersion",
    "ImportJob",
    "ImportPart",
    "ImportRefusal",
    "ImportState",
    "ItemDepartment",
    "ItemDependency",
    "ItemState",
    "ItemTheme",
    "Job",
    "JobKind",
    "JobState",
    "LongevityKind",
    "Measure",
    "MergeReason",
    "MergeState",
    "MinorityGroup",
    "MinorityMember",
    "Movement",
    "NextStep",
    "OutcomeReview",
    "OutcomeTest",
    "OverdueAlert",
    "PersonalData",
    "Priority",
    "ProposalKind",
    "ProposalState",
    "RatingScale",
    "Record",
    "RoadmapChange",
    "Round",
    "RoundComment",
    "RoundItem",
    "RoundRule",
    "RoundState",
    "Routing",
    "RoutingEvent",
    "RoutingEventKind",
    "RoutingRule",
    "RoutingState",
    "RuleField",
    "RunState",
    "SavedView",
    "Scenario",
    "ScenarioState",
    "ScoreWeights",
    "SealedValue",
    "SeverityCorrection",
    "SeverityLesson",
    "Side",
    "SourcePolicy",
    "SpotCheck",
    "Stage",
    "Statement",
    "StatementKind",
    "StatementVector",
    "TargetRating",
    "Theme",
    "ThemeEvent",
    "ThemeEventKind",
    "ThemeFact",
    "ThemeMembership",
    "ThemePlace",
    "ThemeProposal",
    "ThemeScore",
    "ThemeState",
    "TouchTier",
    "UtcDateTime",
    "Verdict",
    "Vote",
    "VoteChoice",
    "WorkspaceKey",
    "new_id",
    "now",
]
