"""Every table of the product: importing this module makes the metadata complete.

It is apart from models/__init__.py so that `python -m models --help` answers without loading the database library.
"""

from models.addendum import Addendum
from models.audit import AuditEvent
from models.batch import Batch
from models.batch_list import BatchFile
from models.candidacy import Candidacy
from models.capability import Capability, CapabilityCase
from models.embedding import Embedding
from models.evaluation import Evaluation
from models.evidence import Evidence
from models.funding_record import FundingRecord
from models.funding_rule import FundingRule
from models.import_run import ImportChange, ImportRun
from models.login import LoginAttempt, OneTimeLink, UserSession
from models.market_survey import MarketSurvey
from models.match import Match, MatchScore
from models.membership import ColleagueInvitation
from models.organisation import Organisation
from models.outbox import OutboxMail, SuppressedAddress
from models.pair_label import PairLabel
from models.pilot import Pilot
from models.place import Community, District
from models.proof import Proof
from models.question import Question
from models.review import ReviewRemark, ReviewRound
from models.saved_search import SavedSearch
from models.scenario import Requirement, Scenario
from models.subscription import DigestItem, Subscription
from models.team import ProposedMember, TeamProposal
from models.user import User, UserRole
from models.weight_version import WeightVersion
from models.work import JobRun, SchedulerLease, WorkRequest

__all__ = [
    "Addendum",
    "AuditEvent",
    "Batch",
    "BatchFile",
    "Candidacy",
    "Capability",
    "CapabilityCase",
    "ColleagueInvitation",
    "Community",
    "DigestItem",
    "District",
    "Embedding",
    "Evaluation",
    "Evidence",
    "FundingRecord",
    "FundingRule",
    "ImportChange",
    "ImportRun",
    "JobRun",
    "LoginAttempt",
    "MarketSurvey",
    "Match",
    "MatchScore",
    "OneTimeLink",
    "Organisation",
    "OutboxMail",
    "PairLabel",
    "Pilot",
    "Proof",
    "ProposedMember",
    "Question",
    "Requirement",
    "ReviewRemark",
    "ReviewRound",
    "SavedSearch",
    "Scenario",
    "SchedulerLease",
    "Subscription",
    "SuppressedAddress",
    "TeamProposal",
    "User",
    "UserRole",
    "UserSession",
    "WeightVersion",
    "WorkRequest",
]
