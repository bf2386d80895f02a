"""What a system's master data and rules lack when the business comes to need it, until a person puts it right.

A customer's record has no tax code, an account belongs to no legal entity that the ERP knows, a product of a contract
is no item of it, revenue has no rule for an amendment. The system refuses with the word for it, whoever asks, as
often as it is asked; no integration can help it. A person does, in the system itself.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from fakes.service import Refused

MISSING_TAX_CODE = "missing_tax_code"
INVALID_LEGAL_ENTITY = "invalid_legal_entity"
UNMAPPED_PRODUCT = "unmapped_product"
UNSUPPORTED_AMENDMENT = "unsupported_amendment"

SYSTEM_OF: Mapping[str, str] = {
    MISSING_TAX_CODE: "erp",
    INVALID_LEGAL_ENTITY: "erp",
    UNMAPPED_PRODUCT: "erp",
    UNSUPPORTED_AMENDMENT: "revenue",
}
"""The system that refuses with each word, and that a person has to put right."""


class Gap(NamedTuple):
    """One thing that is lacking: the `word` that the system refuses with, and the `key` of what it lacks it for."""

    word: str
    key: str


def product_key(contract: str, product: str) -> str:
    """The key of a product as one contract sells it."""
    return f"{contract} {product}"


def version_key(contract: str, version: int) -> str:
    """The key of one version of a contract."""
    return f"{contract} version {version}"


class MasterData:
    """What one system lacks, by word and key. While nothing is `lacking`, nobody need ask."""

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self.lacking: dict[Gap, bool] = dict.fromkeys(gaps, True)

    def need(self, word: str, key: str) -> None:
        """Refused with 422 and the word if it is lacking for `key`."""
        if Gap(word, key) in self.lacking:
            raise Refused(422, word)

    def put_right(self, word: str, record: Any) -> Gap | None:
        """Supply the first thing that the word says is lacking for a record; what that was, None for nothing.

        `record` is the contract, document or recognition that was refused.
        """
        for key in _KEYS[word](record):
            gap = Gap(word, key)
            if self.lacking.pop(gap, False):
                return gap
        return None


_KEYS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    MISSING_TAX_CODE: lambda document: [document.account],
    INVALID_LEGAL_ENTITY: lambda contract: [contract.account],
    UNMAPPED_PRODUCT: lambda earned: [product_key(earned.contract, product) for product, _ in earned.amounts],
    UNSUPPORTED_AMENDMENT: lambda contract: [
        version_key(contract.key, version.number) for version in contract.versions
    ],
}
"""For what a record needs the thing that a word names."""
