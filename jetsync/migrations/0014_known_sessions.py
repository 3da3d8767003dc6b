from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone

# How long a log-in lasts since the session was last written (allauth's ACCOUNT_SESSION_COOKIE_AGE).
AGE = timedelta(weeks=3)
AT_ONCE = 1000


def note_sessions(apps, schema_editor):
    """Log-ins from before the list existed can be seen and ended, too. Address and browser come with the next click."""
    user_session = apps.get_model("usersessions", "UserSession")
    users = set(apps.get_model("jetsync", "User")._base_manager.values_list("pk", flat=True))
    store, rows = SessionStore(), []
    live = apps.get_model("sessions", "Session").objects.filter(expire_date__gt=timezone.now())
    for session in live.iterator(chunk_size=AT_ONCE):
        user = str(store.decode(session.session_data).get("_auth_user_id", ""))
        if not user.isdigit() or int(user) not in users:
            continue
        begun = min(session.expire_date - AGE, timezone.now())
        rows.append(
            user_session(
                session_key=session.session_key,
                user_id=int(user),
                ip="0.0.0.0",
                user_agent="",
                created_at=begun,
                last_seen_at=begun,
            )
        )
        if len(rows) == AT_ONCE:
            user_session.objects.bulk_create(rows, ignore_conflicts=True)
            rows = []
    user_session.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0013_refund_limit_words"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(note_sessions, migrations.RunPython.noop)]
