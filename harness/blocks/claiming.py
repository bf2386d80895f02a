"""Creating a customer only once nobody else of the layer is about to."""

from typing import cast

from fakes.agreements import Account
from harness.blocks.carrying import Carrier
from harness.blocks.unique_reference import UniqueReference


class ClaimingCarrier(Carrier):
    """Claims a customer's reference before it creates the customer. Its identity is a UniqueReference."""

    async def _customer(self, account: Account, look: bool) -> str:
        references, claimed = cast(UniqueReference, self._identity), account.party or account.key
        known = await references.claim(self.target, "customer", claimed)
        if known is not None:
            # Another event has made it meanwhile: of this account, perhaps an older one, or of another of its party.
            of_its_own = await references.known(self.target, "customer", account.key)
            if of_its_own is None or account.version > 1:
                await self._bring_up_to_date(known, account)
            return known.id
        try:
            return await super()._customer(account, look)
        finally:
            references.release(self.target, "customer", claimed)
