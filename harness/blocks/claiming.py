"""Creating a customer only once nobody else of the layer is about to."""

from typing import cast

from harness.blocks.carrying import Carrier
from harness.blocks.unique_reference import UniqueReference


class ClaimingCarrier(Carrier):
    """Claims a customer's reference before it creates the customer. Its identity is a UniqueReference."""

    async def _customer(self, account: str, name: str) -> str:
        references = cast(UniqueReference, self._identity)
        known = await references.claim(self.target, "customer", account)
        if known is not None:
            return known.id
        try:
            return await super()._customer(account, name)
        finally:
            references.release(self.target, "customer", account)
