from tests.returns.conftest import shop

__all__ = ["shop"]
