"""The tables, as rows that know their own rules."""

from core.models.account import Account, Ending, Platform
from core.models.agency import Agency, Installation, Member, Role
from core.models.approval import Approval, Decision, Mode, Policy, PolicyStage, Reminder
from core.models.audit import AuditEntry, AuditHead
from core.models.client import Client, ClientMember, ClientRole
from core.models.connection import Alert, Connection, ConnectTicket
from core.models.departure import Departure, DepartureStep
from core.models.key import VaultKey
from core.models.post import Card, Fit, Media, Post, PostState, PostVersion
from core.models.publication import (
    Announcement,
    Kind,
    Publication,
    PublicationState,
    Step,
    StepName,
    StepState,
)
from core.models.removal import Removal
from core.models.sign_off import SignOff
from core.models.summary import Summary

__all__ = [
    "Account",
    "Agency",
    "Alert",
    "Announcement",
    "Approval",
    "AuditEntry",
    "AuditHead",
    "Card",
    "Client",
    "ClientMember",
    "ClientRole",
    "ConnectTicket",
    "Connection",
    "Decision",
    "Departure",
    "DepartureStep",
    "Ending",
    "Fit",
    "Installation",
    "Kind",
    "Media",
    "Member",
    "Mode",
    "Platform",
    "Policy",
    "PolicyStage",
    "Post",
    "PostState",
    "PostVersion",
    "Publication",
    "PublicationState",
    "Reminder",
    "Removal",
    "Role",
    "SignOff",
    "Step",
    "StepName",
    "StepState",
    "Summary",
    "VaultKey",
]
