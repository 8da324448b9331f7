from tests.integration.matching.conftest import encoder

__all__ = ["encoder"]
