"""Reminders: what lost or late payments do to people. ERP reminds whom its own books have for late."""

from harness.lags import earliest
from harness.simulation import Simulation


def reminder_metrics(simulation: Simulation) -> dict[str, int]:
    """`reminders` sent from the quarter on, and the `wrongful_reminders` among them; nothing where nobody pays.

    A reminder is wrongful if the customer had paid the document by then: the bank had the money, and ERP's open item
    did not.
    """
    company, from_us = simulation.company, simulation.calendar.quarter_start_us
    if not company.dunning:
        return {}
    payments = company.billing.payments
    paid_us = earliest([payment.document for payment in payments], [payment.received_us for payment in payments])
    sent = [reminder for dunning in company.dunning for reminder in dunning.reminders if reminder.sent_us >= from_us]
    wrongful = [one for one in sent if one.document in paid_us and paid_us[one.document] <= one.sent_us]
    return {"reminders": len(sent), "wrongful_reminders": len(wrongful)}
