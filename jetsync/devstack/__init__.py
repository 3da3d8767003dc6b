"""Set-up on one machine: embedded PostgreSQL and Valkey, the supervisor of all parts, checks, test plugin.

Nothing of the product imports this package, and the production image does not contain its servers.
"""
