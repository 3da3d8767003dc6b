"""Who performs an action: a member, a token's owner, or jetsync itself."""

from __future__ import annotations

from dataclasses import dataclass

from jetsync.models import ApiToken, User
from jetsync.tenancy.rights import Right


@dataclass(frozen=True)
class Actor:
    label: str
    user: User | None = None
    token: ApiToken | None = None
    rights: frozenset[Right] = frozenset()

    def may(self, right: Right) -> bool:
        return right in self.rights


SYSTEM = Actor(label="jetsync", rights=frozenset(Right))


def member_actor(user: User, rights: frozenset[Right]) -> Actor:
    return Actor(label=str(user), user=user, rights=rights)
