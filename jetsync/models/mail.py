"""Mails to the merchant's people: what happened and waits to be told, and the letters themselves."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from jetsync.enums import MailState
from jetsync.tenancy.managers import TenantModel


class MailEvent(TenantModel):
    """One thing to tell, written in the transaction in which it happened; gone when it stands in a mail.

    Who is told, in which mail and when is decided while the mail is written, so that ten orders of one fetch become
    one mail and a changed setting counts at once. `facts` holds only what the object will no longer show then.
    """

    kind = models.CharField(max_length=60)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    object_type = models.CharField(max_length=60, blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["merchant", "kind", "id"], name="mail_event_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id or ''}".strip()


class Mail(TenantModel):
    """One letter to one address, sent by the job `mail.send` (see jetsync/sync/mail.py for what "once" means).

    `message_id` is made with the row and stays the same through all tries. `rights` names what somebody must hold to
    read the content in the panel. `named` lists the objects it names, as [type, id, label].
    """

    kind = models.CharField(max_length=60)
    to = models.EmailField()
    reply_to = models.EmailField(blank=True, default="")
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    is_test = models.BooleanField(default=False)
    rights = models.JSONField(default=list)
    named = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.QUEUED)
    message_id = models.CharField(max_length=200)
    attempts = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    not_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "message_id"], name="mail_message_once")]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="mail_recent"),
            models.Index(fields=["merchant", "state", "-created_at"], name="mail_state"),
            models.Index(fields=["created_at"], name="mail_age"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

    @property
    def is_open(self) -> bool:
        return self.state in {MailState.QUEUED, MailState.SENDING}

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in {MailState.FAILED, MailState.UNSURE}
