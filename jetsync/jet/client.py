"""The client: layers put together, one service per resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import requests

from jetsync.jet.auth import AuthService, Login
from jetsync.jet.files import FileService
from jetsync.jet.nodes import NodeService
from jetsync.jet.orders import OrderService
from jetsync.jet.products import ProductService
from jetsync.jet.ratelimit import RateLimiter
from jetsync.jet.redact import Redactor, Secret, public_address
from jetsync.jet.refunds import RefundService
from jetsync.jet.reports import ReportService
from jetsync.jet.requestor import Requestor
from jetsync.jet.returns import ReturnService
from jetsync.jet.session import shared_session
from jetsync.jet.settlement import SettlementService
from jetsync.jet.taxonomy import TaxonomyService
from jetsync.jet.tokens import MemoryTokenStore, TokenStore, account_key
from jetsync.jet.transport import RequestEvent, Transport


class JetClient:
    """One account at one address. Cheap to make; connections belong to the process and are used again.

    `token_store` and `limiter` are shared by all workers under `limiter_key`. `before_request(method, path)` runs
    before every try and may refuse it by raising, `after_request(event)` after every exchange, logins and retries
    included. `verify_url(url)` runs before every connection; what it raises for the base address passes through.
    `max_retries` counts the tries after the first. Safe to use from several threads; not to be pickled.
    """

    def __init__(
        self,
        *,
        base_url: str,
        user: str,
        secret: str,
        token_store: TokenStore | None = None,
        limiter: RateLimiter | None = None,
        limiter_key: str = "",
        before_request: Callable[[str, str], None] | None = None,
        after_request: Callable[[RequestEvent], None] | None = None,
        session: requests.Session | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        max_retries: int = 2,
        verify_url: Callable[[str], None] | None = None,
    ) -> None:
        self.base_url = base_url.strip().rstrip("/")
        self.limiter_key = limiter_key
        self._transport = Transport(
            session=session if session is not None else shared_session(),
            redactor=Redactor(user, secret),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_retries=max_retries,
            limiter=limiter,
            limiter_key=limiter_key,
            before_request=before_request,
            after_request=after_request,
            verify_url=verify_url,
        )
        login = Login(
            self._transport,
            self.base_url,
            user=Secret(user),
            secret=Secret(secret),
            store=token_store if token_store is not None else MemoryTokenStore(),
            key=account_key(limiter_key, self.base_url, user, secret),
        )
        requestor = Requestor(self._transport, self.base_url, login)
        self.auth = AuthService(login, requestor)
        self.products = ProductService(requestor)
        self.files = FileService(requestor)
        self.reports = ReportService(requestor)
        self.taxonomy = TaxonomyService(requestor)
        self.orders = OrderService(requestor)
        self.returns = ReturnService(requestor)
        self.refunds = RefundService(requestor)
        self.settlement = SettlementService(requestor)
        self.nodes = NodeService(requestor)

    def __repr__(self) -> str:
        return f"<JetClient {public_address(self.base_url)} {self.limiter_key}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A JetClient holds secrets and is not pickled.")
