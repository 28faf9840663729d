"""Currencies, their minor units, and the reference amount that makes payments comparable.

Minor digits are those of ISO 4217. A reference amount uses the decimal rates known before the payment, in exact
rational arithmetic, rounded half-even. Nothing here reads a clock or a file.
"""

from __future__ import annotations

from fractions import Fraction

from headgate.errors import FieldError, nearest
from headgate.journal.entries import Rates
from headgate.limits import MAX_REFERENCE_MINOR

_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR "
    "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN "
    "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG XXX YER ZAR ZMW ZWG"
)
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
}

# Units of each currency for one euro, rounded by hand to the size of mid-2025 market rates. They only make amounts
# comparable where a dataset states no rates of its own; they are not for accounting.
FALLBACK_PER_EUR: dict[str, str] = dict(
    pair.split(":")
    for pair in (
        "AED:4.3 ARS:1400 AUD:1.8 BBD:2.34 BGN:1.956 BHD:0.44 BMD:1.17 BRL:6.4 BSD:1.17 BZD:2.34 CAD:1.6 "
        "CHF:0.94 CLP:1100 CNY:8.4 COP:4700 CZK:24.7 DKK:7.46 EGP:58 EUR:1 GBP:0.86 GHS:12.5 HKD:9.2 HUF:400 "
        "IDR:19000 ILS:3.95 INR:100 ISK:142 JOD:0.83 JPY:169 KES:151 KRW:1590 KWD:0.36 LKR:352 MAD:10.5 "
        "MXN:22 MYR:4.95 NGN:1790 NOK:11.8 NZD:1.94 OMR:0.45 PEN:4.15 PHP:66 PKR:333 PLN:4.25 QAR:4.27 "
        "RON:5.06 RSD:117 RUB:92 SAR:4.4 SCR:17 SEK:11.1 SGD:1.5 THB:38 TND:3.4 TRY:46.5 TWD:34.5 UAH:48.5 "
        "USD:1.17 VND:30500 VUV:140 XAF:656 XCD:3.16 XOF:656 ZAR:20.7"
    ).split()
)


def check_currency(code: str, where: str = "field 'currency'") -> None:
    """Raise FieldError unless `code` is an ISO 4217 code (XXX stands for a currency that is not stated)."""
    if code not in MINOR_DIGITS:
        raise FieldError(
            f"There is no currency {code!r}",
            where=where,
            repair=f"{nearest(str(code).upper(), list(MINOR_DIGITS))}Use an ISO 4217 code such as EUR, or XXX "
            "where the source states none.",
        )


class RateTable:
    """Rates as known so far, and reference amounts by them.

    reference: the ISO 4217 code in whose minor units reference amounts are given. State: one fraction for each pair
    of currencies that a `rates` entry named.
    """

    def __init__(self, reference: str) -> None:
        check_currency(reference, "setting 'reference_currency'")
        self.reference = reference
        self._known: dict[tuple[str, str], str] = {}
        self._factors: dict[str, Fraction] = {reference: Fraction(1)}

    def observe(self, entry: Rates) -> None:
        """Take a rate that holds from now on."""
        self._known[(entry.base, entry.currency)] = entry.rate
        self._factors = {self.reference: Fraction(1)}

    def state(self) -> list[list[str]]:
        """Return the known rates as plain values [base, currency, rate]."""
        return [[base, currency, rate] for (base, currency), rate in self._known.items()]

    def load(self, state: list[list[str]]) -> None:
        """Take over the rates of `state()`."""
        self._known = {(base, currency): rate for base, currency, rate in state}
        self._factors = {self.reference: Fraction(1)}

    def reference_minor(self, amount_minor: int, currency: str) -> int:
        """Return an amount in reference minor units, rounded half-even.

        Raises FieldError when no rate is known or the result is not below 10^12.
        """
        factor = self.factor(currency)
        amount = amount_minor if factor == 1 else round(amount_minor * factor)
        if not 0 <= amount <= MAX_REFERENCE_MINOR:
            raise FieldError(
                f"An amount of {amount_minor} minor units of {currency} is {amount} in {self.reference}, "
                "outside the limits",
                where="field 'amount_minor'",
                repair=f"Amounts must be from 0 to {MAX_REFERENCE_MINOR} reference minor units.",
            )
        return amount

    def factor(self, currency: str) -> Fraction:
        """Return reference minor units for one minor unit of `currency`. Raises FieldError when no rate is known."""
        factor = self._factors.get(currency)
        if factor is None:
            factor = self._factors[currency] = self._factor(currency)
        return factor

    def _factor(self, currency: str) -> Fraction:
        check_currency(currency)
        major = self._major(currency)
        return major * Fraction(10) ** (MINOR_DIGITS[self.reference] - MINOR_DIGITS[currency])

    def _major(self, currency: str) -> Fraction:
        """Major units of the reference currency for one major unit of `currency`."""
        reference = self.reference
        if (rate := self._known.get((reference, currency))) is not None:
            return Fraction(rate)
        if (rate := self._known.get((currency, reference))) is not None:
            return 1 / Fraction(rate)
        for base, priced in self._known:
            if priced == currency and (other := self._known.get((base, reference))) is not None:
                return Fraction(self._known[(base, currency)]) / Fraction(other)
        if currency in FALLBACK_PER_EUR and reference in FALLBACK_PER_EUR:
            return Fraction(FALLBACK_PER_EUR[reference]) / Fraction(FALLBACK_PER_EUR[currency])
        raise FieldError(
            f"No rate from {currency} to {reference} is known before this payment",
            where="field 'currency'",
            repair="Add a `rates` entry (rates.parquet in a dataset folder) or choose another reference currency.",
        )
