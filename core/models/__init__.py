"""The tables, as rows that know their own rules."""

from core.models.account import Account, Platform
from core.models.agency import Agency, Installation, Member, Role
from core.models.audit import AuditEntry
from core.models.client import Client, ClientMember, ClientRole
from core.models.connection import Connection, ConnectTicket
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

__all__ = [
    "Account",
    "Agency",
    "Announcement",
    "AuditEntry",
    "Card",
    "Client",
    "ClientMember",
    "ClientRole",
    "ConnectTicket",
    "Connection",
    "Fit",
    "Installation",
    "Kind",
    "Media",
    "Member",
    "Platform",
    "Post",
    "PostState",
    "PostVersion",
    "Publication",
    "PublicationState",
    "Role",
    "Step",
    "StepName",
    "StepState",
]
