"""Tables and value types: the nouns that every other package shares."""

from vocloop_models import audit_chain  # noqa: F401 - chains what any session adds
from vocloop_models.area import Area
from vocloop_models.backlog import (
    BacklogItem,
    Direction,
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
from vocloop_models.loop_event import CustomerWords, EventKind, EventWatch, LoopEvent
from vocloop_models.membership import AssignedBy, ThemeMembership
from vocloop_models.message import Endpoint, Message, MessageState, Note, Transport
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
from vocloop_models.recipient import (
    AccountOwner,
    Preference,
    Recipient,
    RecipientKey,
    RecipientKind,
    Topic,
)
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
from vocloop_models.success import (
    Alert,
    AlertKind,
    AlertState,
    ChampionSpell,
    CompanyGoal,
    GoalActual,
    GoalMetric,
    MeasureLevel,
    SuccessActual,
    SuccessMeasure,
    SuccessPattern,
)
from vocloop_models.theme import (
    KNOWN_STATES,
    SHOWN_STATES,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeState,
)
from vocloop_models.tracker import LinkState, Tracker, TrackerKind, TrackerLink
from vocloop_models.wording import Wording

__all__ = [
    "KNOWN_STATES",
    "SHOWN_STATES",
    "AccountOwner",
    "Alert",
    "AlertKind",
    "AlertState",
    "AliasKind",
    "Area",
    "AssignedBy",
    "AuditAction",
    "AuditEntry",
    "BacklogItem",
    "ChampionSpell",
    "Channel",
    "ClusterRun",
    "CompanyGoal",
    "Connector",
    "ConnectorEvent",
    "ConnectorKind",
    "Contact",
    "Customer",
    "CustomerAlias",
    "CustomerMerge",
    "CustomerWords",
    "DecidedBy",
    "Decision",
    "Department",
    "Direction",
    "Endpoint",
    "EventKind",
    "EventWatch",
    "FactKind",
    "FactStatement",
    "Feedback",
    "FeedbackState",
    "GoalActual",
    "GoalMetric",
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
    "LinkState",
    "LongevityKind",
    "LoopEvent",
    "Measure",
    "MeasureLevel",
    "MergeReason",
    "MergeState",
    "Message",
    "MessageState",
    "MinorityGroup",
    "MinorityMember",
    "Movement",
    "NextStep",
    "Note",
    "OutcomeReview",
    "OutcomeTest",
    "OverdueAlert",
    "PersonalData",
    "Preference",
    "Priority",
    "ProposalKind",
    "ProposalState",
    "RatingScale",
    "Recipient",
    "RecipientKey",
    "RecipientKind",
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
    "SuccessActual",
    "SuccessMeasure",
    "SuccessPattern",
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
    "Topic",
    "TouchTier",
    "Tracker",
    "TrackerKind",
    "TrackerLink",
    "Transport",
    "UtcDateTime",
    "Verdict",
    "Vote",
    "VoteChoice",
    "Wording",
    "WorkspaceKey",
    "new_id",
    "now",
]
