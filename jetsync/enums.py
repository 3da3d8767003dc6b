"""Word lists of the kernel."""

from django.db.models import IntegerChoices, TextChoices


class Mode(TextChoices):
    TEST = "test", "Test"
    LIVE = "live", "Live"


class Role(TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    FULFILMENT = "fulfilment", "Fulfilment"
    ANALYST = "analyst", "Analyst (read only)"


class Queue(TextChoices):
    URGENT = "urgent", "Urgent"
    DEFAULT = "default", "Default"
    BULK = "bulk", "Bulk"


class JobState(TextChoices):
    """`queued -> running -> done | failed`; `running -> queued` on retry, lost lease or a change in flight."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_JOB_STATES = (JobState.QUEUED, JobState.RUNNING)


class FailureEnd(TextChoices):
    """The four ends of a failure (style: tasks and the outbox)."""

    NONE = "", "None"
    RETRY = "retry", "Will be tried again"
    PERMANENT = "permanent", "Refused for good"
    SETTINGS = "settings", "Your settings need attention"
    OURS = "ours", "Our fault, reported"


class OperationState(TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    PARTLY = "partly", "Done with failures"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_OPERATION_STATES = (OperationState.QUEUED, OperationState.RUNNING)


class RowState(TextChoices):
    """State of one object of an operation."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent, answer pending"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
    CANCELLED = "cancelled", "Cancelled"


class NoticeLevel(TextChoices):
    INFO = "info", "Information"
    SUCCESS = "success", "Good news"
    WARNING = "warning", "Needs attention"
    DANGER = "danger", "Urgent"


class Priority(IntegerChoices):
    """Lower runs first inside a queue: NOW before all else of every merchant, the others inside of one merchant."""

    NOW = 10, "Now"
    NORMAL = 50, "Normal"
    LATER = 90, "Later"


class FallbackPolicy(TextChoices):
    """What happens to a ready order two minutes before its acknowledge window closes."""

    ACCEPT_IF_STOCK = "accept_if_stock", "Accept what stock covers, reject the rest"
    REJECT = "reject", "Reject"
    NOTHING = "nothing", "Do nothing (the order may go to another seller)"


class ProblemOrders(TextChoices):
    """What automatic acknowledging does with an order that it would have to reject."""

    WAIT = "wait", "Leave it to me until 2 minutes are left"
    REJECT = "reject", "Reject it at once"


class MissingItems(TextChoices):
    """What jetsync answers by itself to an order of which the store has some items and not the others."""

    REJECT = "reject", "Reject the order and name the items"
    CANCEL = "cancel", "Accept it and cancel the items at once"


class PriceRule(TextChoices):
    """How the store's price becomes Jet's (features FLD-05, FLD-06)."""

    NONE = "none", "Send the store's price as it is"
    INCREASE_FIXED = "increase_fixed", "Increase by fixed price"
    INCREASE_PERCENT = "increase_percent", "Increase by fixed percentage"
    DECREASE_FIXED = "decrease_fixed", "Decrease by fixed price"
    DECREASE_PERCENT = "decrease_percent", "Decrease by fixed percentage"
    OWN_FIELD = "own_field", "Set individually for each product"


class PriceSource(TextChoices):
    REGULAR = "regular", "Regular price"
    SPECIAL = "special", "Special price while it is active, else the regular one"


class MailState(TextChoices):
    """`queued -> sending -> sent | failed | unsure`; back to `queued` when the server surely did not take it."""

    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNSURE = "unsure", "May have been sent"


class DeliveryState(TextChoices):
    """Of one event for one webhook."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Taken"
    FAILED = "failed", "Given up"


class MailPace(TextChoices):
    """When mails that may wait are written."""

    AT_ONCE = "at_once", "At once"
    HOURLY = "hourly", "Once an hour"
    DAILY = "daily", "Once a day"
