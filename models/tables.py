"""Every table of the product: importing this module makes the metadata complete.

It is apart from models/__init__.py so that `python -m models --help` answers without loading the database library.
"""

from models.acceptance import Acceptance
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
from models.district_programme import DistrictProgramme
from models.embedding import Embedding
from models.evaluation import Evaluation
from models.event import Event
from models.event_picks import EventFirm, EventScenario
from models.evidence import Evidence
from models.funding_record import FundingRecord
from models.funding_rule import FundingRule
from models.funding_rule_change import RuleChange
from models.import_run import ImportChange, ImportRun
from models.job_schedule import ScheduledJob
from models.jury import Juror, Jury, Mark
from models.kept_answer import KeptAnswer
from models.login import HalfLogin, LoginAttempt, OneTimeLink, UserSession
from models.mail_example import MailExample
from models.market_survey import MarketSurvey
from models.match import Match, MatchScore
from models.membership import ColleagueInvitation
from models.milestone import Milestone
from models.organisation import Organisation
from models.outbox import OutboxMail, SuppressedAddress
from models.pair_label import PairLabel
from models.pilot import Pilot
from models.pilot_decision import PilotDecision
from models.place import Community, District
from models.plan_target import PlanTarget
from models.proof import Proof
from models.question import Question
from models.registration import Registration
from models.review import ReviewRemark, ReviewRound
from models.rubric import Rubric
from models.saved_search import SavedSearch, SearchNews
from models.scenario import Requirement, Scenario
from models.second_factor import RecoveryCode, SecondFactor
from models.subscription import DigestItem, Subscription
from models.team import ProposedMember, TeamProposal
from models.usage_entry import UsageEntry
from models.use_report import UseReport
from models.user import User, UserRole
from models.webhook import Webhook, WebhookDelivery
from models.weight_version import WeightVersion
from models.work import JobRun, SchedulerLease, WorkRequest

__all__ = [
    "Acceptance",
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
    "DistrictProgramme",
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
    "MailExample",
    "Mark",
    "MarketSurvey",
    "Match",
    "MatchScore",
    "Milestone",
    "OneTimeLink",
    "Organisation",
    "OutboxMail",
    "PairLabel",
    "Pilot",
    "PilotDecision",
    "PlanTarget",
    "Proof",
    "ProposedMember",
    "Question",
    "RecoveryCode",
    "Registration",
    "Requirement",
    "ReviewRemark",
    "ReviewRound",
    "Rubric",
    "RuleChange",
    "SavedSearch",
    "Scenario",
    "ScheduledJob",
    "SchedulerLease",
    "SearchNews",
    "SecondFactor",
    "Subscription",
    "SuppressedAddress",
    "TeamProposal",
    "UsageEntry",
    "UseReport",
    "User",
    "UserRole",
    "UserSession",
    "Webhook",
    "WebhookDelivery",
    "WeightVersion",
    "WorkRequest",
]
