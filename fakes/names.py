"""The systems that a company may have, how long each honours a key, and the names of their instances.

>>> erp_of("acme"), kind_of("erp-acme"), legal_entity_of("erp-acme")
('erp-acme', 'erp', 'acme')
>>> instance_for("erp", "acme"), instance_for("crm", "acme")
('erp-acme', 'crm')
"""

from collections.abc import Mapping

from sim.durations import DAY

SYSTEMS = ("crm", "billing", "erp", "revenue", "projects")
"""The systems that there can be: a company that sells no services has no projects."""

KEY_LIFETIME_US: Mapping[str, int | None] = {
    "crm": None, "billing": DAY, "erp": None, "revenue": DAY, "projects": DAY,
}  # fmt: skip
"""How long each system honours an idempotency key; None: not at all (ERP upserts by external id instead).

Stripe and Zuora keep keys for 24 h.
"""


def erp_of(entity: str) -> str:
    """The name of the ERP instance of a legal entity."""
    return f"erp-{entity}" if entity else "erp"


def instance_for(system: str, entity: str) -> str:
    """The name of a system's instance for a legal entity: of ERP its own, of all else the only one."""
    return erp_of(entity) if system == "erp" else system


def kind_of(system: str) -> str:
    """What kind of system one is: of whichever entity, an ERP instance is an ERP."""
    return system.partition("-")[0]


def legal_entity_of(system: str) -> str:
    """The legal entity whose instance a system is; "" is the first, and that of what there is but one of."""
    return system.partition("-")[2]
