"""Which of the business a system cannot take as it comes: exceptions, decided by the business and no layer.

Each account, contract and amendment of the run has a draw of its own for each exception: a larger share makes
exceptions of more of them, and of the same ones still. What was agreed before the run has none: it was settled.
"""

from collections.abc import Iterable, Iterator

from fakes.agreements import Contract
from fakes.master_data import (
    INVALID_LEGAL_ENTITY,
    MISSING_TAX_CODE,
    UNMAPPED_PRODUCT,
    UNSUPPORTED_AMENDMENT,
    Gap,
    product_key,
    version_key,
)
from scenarios.business import Exceptions
from scenarios.truth import Act
from sim.chance import BITS, Stream, happens

_LOW_WORD = (1 << BITS) - 1


def gaps(exceptions: Exceptions, acts: Iterable[Act], seed: int) -> tuple[Gap, ...]:
    """What the systems' master data and rules lack for these acts, in their order."""
    if not exceptions.any:
        return ()
    drawn = _Drawn(exceptions, seed)
    return tuple(gap for act in acts for gap in drawn.of(act))


class _Drawn:
    """The draws of one run."""

    def __init__(self, exceptions: Exceptions, seed: int) -> None:
        self._shares_ppm = {
            MISSING_TAX_CODE: exceptions.missing_tax_code_ppm,
            INVALID_LEGAL_ENTITY: exceptions.invalid_legal_entity_ppm,
            UNMAPPED_PRODUCT: exceptions.unmapped_product_ppm,
            UNSUPPORTED_AMENDMENT: exceptions.unsupported_amendment_ppm,
        }
        self._streams = {word: Stream(seed, f"exceptions/{word}") for word in self._shares_ppm}

    def of(self, act: Act) -> Iterator[Gap]:
        """What is lacking for one act."""
        if act.account is not None and act.account.version == 1:
            for word in (MISSING_TAX_CODE, INVALID_LEGAL_ENTITY):
                if self._struck(word, act.account.key) is not None:
                    yield Gap(word, act.account.key)
        if act.contract is not None:
            yield from self._of_version(act.contract)

    def _of_version(self, contract: Contract) -> Iterator[Gap]:
        if contract.version > 1:
            key = version_key(contract.key, contract.version)
            if self._struck(UNSUPPORTED_AMENDMENT, key) is not None:
                yield Gap(UNSUPPORTED_AMENDMENT, key)
            return
        word = self._struck(UNMAPPED_PRODUCT, contract.key)
        if word is not None:  # one of its products, each as likely
            sold = [one.product for one in contract.obligations] or [one.product for one in contract.deliverables]
            product = sold[(word & _LOW_WORD) * len(sold) >> BITS]
            yield Gap(UNMAPPED_PRODUCT, product_key(contract.key, product))

    def _struck(self, word: str, key: str) -> int | None:
        """The 64-bit draw of a key that is an exception, None for one that is not."""
        drawn = self._streams[word].word(key)
        return drawn if happens(drawn >> BITS, self._shares_ppm[word]) else None
