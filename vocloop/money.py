"""Amounts of several customers, in one currency.

Customers pay in their own; sums are told in ``VOCLOOP_CURRENCY`` by ``VOCLOOP_EXCHANGE_RATES``.
What no rate is known of is never added up: it is counted apart."""

from __future__ import annotations

from collections.abc import Iterable

from vocloop.config import settings


def worth(currencies: Iterable[str]) -> dict[str, float | None]:
    """What one of each is in the currency of the settings; None when no rate is known."""
    configured = settings()
    rates = {**configured.exchange_rates, configured.currency: 1.0}
    return {each: rates.get(each) for each in currencies}
