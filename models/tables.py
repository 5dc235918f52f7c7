"""Every table of the product: importing this module makes the metadata complete.

It is apart from models/__init__.py so that `python -m models --help` answers without loading the database library.
"""

from models.addendum import Addendum
from models.api_token import ApiToken
from models.audit import AuditEvent
from models.batch import Batch
from models.batch_list import BatchFile
from models.bid import Bid, BidVersion
from models.bid_file import BidFile
from models.candidacy import Candidacy
from models.capability import Capability, CapabilityCase
from models.contact_release import ContactAccess
from models.embedding import Embedding
from models.evaluation import Evaluation
from models.event import Event
from models.event_picks import EventFirm, EventScenario
from models.evidence import Evidence
from models.funding_record import FundingRecord
from models.funding_rule import FundingRule
from models.import_run import ImportChange, ImportRun
from models.jury import Juror, Jury, Mark
from models.kept_answer import KeptAnswer
from models.login import HalfLogin, LoginAttempt, OneTimeLink, UserSession
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
from models.registration import Registration
from models.review import ReviewRemark, ReviewRound
from models.rubric import Rubric
from models.saved_search import SavedSearch
from models.scenario import Requirement, Scenario
from models.second_factor import RecoveryCode, SecondFactor
from models.subscription import DigestItem, Subscription
from models.team import ProposedMember, TeamProposal
from models.user import User, UserRole
from models.webhook import Webhook, WebhookDelivery
from models.weight_version import WeightVersion
from models.work import JobRun, SchedulerLease, WorkRequest

__all__ = [
    "Addendum",
    "ApiToken",
    "AuditEvent",
    "Batch",
    "BatchFile",
    "Bid",
    "BidFile",
    "BidVersion",
    "Candidacy",
    "Capability",
    "CapabilityCase",
    "ColleagueInvitation",
    "Community",
    "ContactAccess",
    "DigestItem",
    "District",
    "Embedding",
    "Evaluation",
    "Event",
    "EventFirm",
    "EventScenario",
    "Evidence",
    "FundingRecord",
    "FundingRule",
    "HalfLogin",
    "ImportChange",
    "ImportRun",
    "JobRun",
    "Juror",
    "Jury",
    "KeptAnswer",
    "LoginAttempt",
    "Mark",
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
    "RecoveryCode",
    "Registration",
    "Requirement",
    "ReviewRemark",
    "ReviewRound",
    "Rubric",
    "SavedSearch",
    "Scenario",
    "SchedulerLease",
    "SecondFactor",
    "Subscription",
    "SuppressedAddress",
    "TeamProposal",
    "User",
    "UserRole",
    "UserSession",
    "Webhook",
    "WebhookDelivery",
    "WeightVersion",
    "WorkRequest",
]
