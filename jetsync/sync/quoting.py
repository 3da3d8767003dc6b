"""What a job says where many people read it: Jet's words may quote the shopper of an order that nobody named."""

from __future__ import annotations

from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job

# The newest calls say whom the words may be about.
CALLS_READ = 50


def words_for_all(job: Job, message: str) -> str:
    """`message` without the shoppers that the bodies of the job's calls name."""
    calls = Attempt.objects.filter(merchant=job.merchant_id, job=job).order_by("-id")
    bodies = calls.values_list("request_cut", "answer_cut")[:CALLS_READ]
    return PersonMask.of_bodies(body for call in bodies for body in call).text(message)
