"""What a contract says when it is signed: what is sold, how much of it, from when to when, and how it is billed."""

from fakes.agreements import Contract, Version
from fakes.books.charges import price_change_minor
from fakes.books.rounding import round_half_away
from scenarios.catalogue import offers
from scenarios.mix import Mix
from scenarios.schema import Business
from scenarios.signing import Signing
from sim.calendar import FiscalCalendar, add_months
from sim.chance import Stream, happens, lognormal

CURRENCY = "USD"


class Drafting:
    """Drafts contracts; all that one says follows from its key, the day of signing and the seed."""

    def __init__(self, business: Business, calendar: FiscalCalendar, seed: int) -> None:
        self._calendar = calendar
        self._first_day, self._last_day = calendar.day_of(0), calendar.day_of(calendar.end_us)
        self._acv_minor = lognormal(business.acv_median_minor, business.acv_sigma_milli)
        self._offers = Mix(offers())
        self._billing = Mix(sorted(business.billing_weights))
        self._terms = Mix(sorted(business.term_weights))
        self._first_of_month_ppm = business.first_of_month_share_ppm
        self._chance = Stream(seed, "contract")

    def contract(self, signing: Signing) -> Contract:
        """The contract at version 1."""
        acv, offer_word, billing, term, start, _ = self._chance.six(signing.key)
        offer = self._offers.draw(offer_word)
        start_day, end_day = self._days(signing.day, happens(start, self._first_of_month_ppm), self._terms.draw(term))
        billing_months = self._billing.draw(billing)
        quantity = max(1, round_half_away(self._acv_minor.draw(acv), 12 * offer.unit_price_minor))
        price = price_change_minor(
            start_day=start_day,
            end_day=end_day,
            billing_months=billing_months,
            unit_price_minor=offer.unit_price_minor,
            units=quantity,
            effective_day=start_day,
        )
        return Contract(
            key=signing.key,
            account=signing.account,
            currency=CURRENCY,
            start_day=start_day,
            end_day=end_day,
            billing_months=billing_months,
            unit_price_minor=offer.unit_price_minor,
            obligations=offer.obligations,
            versions=(Version(1, "signed", signing.day, start_day, quantity, price),),
        )

    def _days(self, signed_day: int, next_month: bool, term_months: int) -> tuple[int, int]:
        """The first day of the contract and the first day after it.

        One signed before the run has begun when the run starts and outlasts it: a term that would end sooner
        was renewed on signing, as often as it takes.
        """
        next_first = self._calendar.end_day(self._calendar.month_of_day(signed_day))
        if signed_day >= self._first_day:
            start_day = next_first if next_month else signed_day
            return start_day, add_months(start_day, term_months)
        start_day = next_first if next_month and next_first < self._first_day else signed_day
        terms = 1
        while add_months(start_day, terms * term_months) <= self._last_day:
            terms += 1
        return start_day, add_months(start_day, terms * term_months)
