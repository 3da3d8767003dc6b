"""The outbox at work: queue (write), runner (claim and run), schedule (what is due), tasks (Celery entry points)."""
