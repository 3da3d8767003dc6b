"""Kernel models: people, accounts, options, the outbox, the log."""

from jetsync.models.account import FulfillmentNode, JetAccount, ReturnLocation
from jetsync.models.activation import Activation, ActivationStep
from jetsync.models.data_export import DataExport
from jetsync.models.deletion import StoreDeletion
from jetsync.models.job import Attempt, Job, JobRequest, QueueTurn
from jetsync.models.log import LogEntry
from jetsync.models.mail import Mail, MailEvent
from jetsync.models.merchant import ApiToken, Invitation, Membership, Merchant, SupportSession, User
from jetsync.models.notice import Notice, NoticeRead
from jetsync.models.operation import Operation, OperationRow
from jetsync.models.options import Options
from jetsync.models.request_key import IdempotencyKey
from jetsync.models.saved_view import SavedView, Selection
from jetsync.models.schedule import Schedule
from jetsync.models.support import SupportRequest
from jetsync.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Activation",
    "ActivationStep",
    "ApiToken",
    "Attempt",
    "DataExport",
    "FulfillmentNode",
    "IdempotencyKey",
    "Invitation",
    "JetAccount",
    "Job",
    "JobRequest",
    "LogEntry",
    "Mail",
    "MailEvent",
    "Membership",
    "Merchant",
    "Notice",
    "NoticeRead",
    "Operation",
    "OperationRow",
    "Options",
    "QueueTurn",
    "ReturnLocation",
    "SavedView",
    "Schedule",
    "Selection",
    "StoreDeletion",
    "SupportRequest",
    "SupportSession",
    "User",
    "Webhook",
    "WebhookDelivery",
]
