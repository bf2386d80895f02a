"""What a contract says when it is signed: what is sold, how much of it, from when to when, and how it is billed."""

from dataclasses import replace

from fakes.agreements import Contract, Deliverable, PerformanceObligation, Version
from fakes.books.charges import price_change_minor, service_periods
from fakes.books.rounding import round_half_away
from scenarios import metering
from scenarios.catalogue import offers
from scenarios.mix import Mix
from scenarios.parties import Parties
from scenarios.renewing import Renewal
from scenarios.schema import Business
from scenarios.signing import Signing
from scenarios.values import MILLION
from sim.calendar import FiscalCalendar, add_months
from sim.chance import Stream, happens, lognormal


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
        self._extras = Stream(seed, "contract terms")
        self._business = business
        self._has_extras = any(extra is not None for extra in (business.ramp, business.setup, business.usage))
        self._parties = Parties(business, seed)
        self._prices = sorted(business.prices, key=lambda change: change.from_date)

    def contract(self, signing: Signing, acquired_day: int = 0) -> Contract:
        """The contract at version 1; that of another company comes with it on its `acquired_day`."""
        words = self._chance.six(signing.key)
        _, _, billing, term, start, _ = words
        next_month = happens(start, self._first_of_month_ppm)
        days = self._days(signing.day, next_month, self._terms.draw(term), acquired_day)
        return self._drafted(signing, words, days, self._billing.draw(billing), acquired_day=acquired_day)

    def renewal(self, renewal: Renewal) -> Contract:
        """The contract that renews another, from that one's end on, at version 1; it has no set-up."""
        words = self._chance.six(renewal.signing.key)
        _, _, billing, term, *_ = words
        start_day, billing_months = renewal.old.end_day, self._billing.draw(billing)
        end_day = renewal.end_day or add_months(start_day, self._terms.draw(term))
        while not _is_whole(start_day, end_day, billing_months):
            billing_months = 3 if billing_months > 3 else 1
        return self._drafted(renewal.signing, words, (start_day, end_day), billing_months, renews=renewal.old.key)

    def _drafted(
        self,
        signing: Signing,
        words: tuple[int, ...],
        days: tuple[int, int],
        billing_months: int,
        renews: str = "",
        acquired_day: int = 0,
    ) -> Contract:
        acv, offer_word, *_ = words
        offer, (start_day, end_day) = self._offers.draw(offer_word), days
        entity = self._parties.entity(signing.account)
        local_minor = self._parties.price_minor(entity, offer.unit_price_minor)
        unit_price_minor = self._priced(local_minor, signing.day)
        quantity = max(1, round_half_away(self._acv_minor.draw(acv), 12 * unit_price_minor))
        ramp: tuple[int, ...] = ()
        deliverables: tuple[Deliverable, ...] = ()
        if self._has_extras:
            ramped, set_up, used, *_ = self._extras.six(signing.key)
            ramp = self._ramp(ramped, unit_price_minor, start_day, end_day)
            if not renews:
                deliverables = self._set_up(set_up, 12 * unit_price_minor * quantity, start_day, end_day)
            if self._business.usage:
                deliverables += metering.sold(self._business.usage, used, quantity)
        price = price_change_minor(
            start_day=start_day,
            end_day=end_day,
            billing_months=billing_months,
            unit_price_minor=unit_price_minor,
            units=quantity,
            effective_day=start_day,
            ramp=ramp,
        )
        for one in deliverables:
            price += one.price_minor
        return Contract(
            key=signing.key,
            account=signing.account,
            currency=self._parties.currency(entity),
            start_day=start_day,
            end_day=end_day,
            billing_months=billing_months,
            unit_price_minor=unit_price_minor,
            obligations=self._promised(offer.obligations, entity),
            versions=(Version(1, "signed", signing.day, start_day, quantity, price),),
            ramp=ramp,
            deliverables=deliverables,
            renews=renews,
            entity=entity,
            acquired_day=acquired_day,
        )

    def _promised(
        self, obligations: tuple[PerformanceObligation, ...], entity: str
    ) -> tuple[PerformanceObligation, ...]:
        """The same promises at an entity's stand-alone selling prices."""
        if not entity:
            return obligations
        return tuple(replace(one, ssp_minor=self._parties.price_minor(entity, one.ssp_minor)) for one in obligations)

    def _priced(self, unit_price_minor: int, signed_day: int) -> int:
        """A price of the run's start, in the price book that holds on a day."""
        if not self._prices:
            return unit_price_minor
        price_ppm = MILLION
        for change in self._prices:
            if change.from_date.toordinal() <= signed_day:
                price_ppm = change.price_ppm
        return max(1, round_half_away(unit_price_minor * price_ppm, MILLION))

    def _ramp(self, word: int, unit_price_minor: int, start_day: int, end_day: int) -> tuple[int, ...]:
        """The price by year, of a contract of two years or more that has a ramp."""
        ramp = self._business.ramp
        years = round_half_away(end_day - start_day, 365)
        if ramp is None or years < 2 or not happens(word, ramp.share_ppm):
            return ()
        return tuple(
            round_half_away(unit_price_minor * (MILLION + year * ramp.step_ppm), MILLION) for year in range(years)
        )

    def _set_up(self, word: int, yearly_minor: int, start_day: int, end_day: int) -> tuple[Deliverable, ...]:
        """Set-up, if a contract is sold with it."""
        setup = self._business.setup
        if setup is None or not happens(word, setup.share_ppm):
            return ()
        price_minor = max(1, round_half_away(yearly_minor * setup.price_ppm, MILLION))
        ssp_minor = round_half_away(price_minor * MILLION, MILLION - setup.discount_ppm)
        to_day = min(end_day, start_day + setup.days)
        return (
            Deliverable("setup", 1, "by_day", "at_start", price_minor, ssp_minor, from_day=start_day, to_day=to_day),
        )

    def _days(self, signed_day: int, next_month: bool, term_months: int, acquired_day: int) -> tuple[int, int]:
        """The first day of the contract and the first day after it.

        One signed before the run has begun when the run starts, and outlasts it unless there are renewals: a term that
        would end sooner was renewed on signing, as often as it takes. It is not over when it is acquired.
        """
        next_first = self._calendar.end_day(self._calendar.month_of_day(signed_day))
        if signed_day >= self._first_day:
            start_day = next_first if next_month else signed_day
            return start_day, add_months(start_day, term_months)
        start_day = next_first if next_month and next_first < self._first_day else signed_day
        terms, outlasted = 1, self._last_day
        if self._business.renewals is not None:
            outlasted = max(self._first_day, acquired_day)
        while add_months(start_day, terms * term_months) <= outlasted:
            terms += 1
        return start_day, add_months(start_day, terms * term_months)


def _is_whole(start_day: int, end_day: int, billing_months: int) -> bool:
    """Whether a term is a whole number of service periods."""
    try:
        service_periods(start_day, end_day, billing_months)
    except ValueError:
        return False
    return True
