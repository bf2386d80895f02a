"""What every part of a scenario has in common: unknown fields are refused, and values never change."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of a scenario. Attributes carry their unit (`lead_in_days`); files have people's words (`lead_in`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
