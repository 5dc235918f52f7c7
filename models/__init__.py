"""models REMEMBERS: tables, their rules, their queries; settings, database and translations are its ground floor.

It imports nothing of ours. Importing this package registers every table, so that the metadata is complete.
"""

from models.audit import AuditEvent
from models.batch import Batch
from models.capability import Capability, CapabilityCase
from models.embedding import Embedding
from models.evidence import Evidence
from models.login import LoginAttempt, OneTimeLink, UserSession
from models.match import Match, MatchScore
from models.organisation import Organisation
from models.pilot import Pilot
from models.place import Community, District
from models.scenario import Requirement, Scenario
from models.user import User, UserRole

__all__ = [
    "AuditEvent",
    "Batch",
    "Capability",
    "CapabilityCase",
    "Community",
    "District",
    "Embedding",
    "Evidence",
    "LoginAttempt",
    "Match",
    "MatchScore",
    "OneTimeLink",
    "Organisation",
    "Pilot",
    "Requirement",
    "Scenario",
    "User",
    "UserRole",
    "UserSession",
]
