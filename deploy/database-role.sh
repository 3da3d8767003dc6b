#!/bin/sh
# Runs once, when the database container creates its data. The panel must not be a superuser: a superuser
# bypasses row-level security. So it gets a plain role that owns its database and nothing else.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set panel_password="$JETSYNC_DB_PASSWORD" <<'SQL'
create role jetsync login nosuperuser nocreaterole nobypassrls password :'panel_password';
create database jetsync owner jetsync;
revoke all on database jetsync from public;
SQL
