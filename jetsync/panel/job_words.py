"""What a job is about, in words for people: an order's number, a file's name; keys are for programs."""

from __future__ import annotations

from collections.abc import Iterable

from jetsync.models import Job, Merchant
from jetsync.panel.shoppers import masks_for, shown_words
from jetsync.queries.named import labels_of
from jetsync.sync.registry import kind_label
from jetsync.tenancy.actor import Actor


def job_names(merchant: Merchant, actor: Actor, jobs: Iterable[Job]) -> dict[int, str]:
    """Job id -> the object that it is about, as the log calls it, else its operation; left out where there is neither.

    The jobs have their operation with them. A query, and one per kind of object for those who may not see shoppers.
    """
    asked = list(jobs)
    labels = labels_of(merchant, {(job.object_type, job.object_id) for job in asked if job.object_id})
    masks = masks_for(merchant, actor, asked)
    named: dict[int, str] = {}
    for job in asked:
        if label := labels.get((job.object_type, job.object_id or 0)):
            named[job.pk] = shown_words(masks, job)(label)
        elif job.operation is not None:
            named[job.pk] = job.operation.title
    return named


def job_words(job: Job, names: dict[int, str]) -> str:
    """ "Answer an order: 303422852270", or what is done alone where nobody knows to what."""
    name = names.get(job.pk)
    return f"{kind_label(job.kind)}: {name}" if name else kind_label(job.kind)
