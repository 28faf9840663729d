"""The forms of payment: how a channel, a rail, an authentication and a remittance type go together.

A form is a small number. Habits and schemes choose a form; the counter turns it into columns by the same
tables for everybody, so that no column can tell a scheme from a habit.
"""

from __future__ import annotations

from enum import IntEnum

CHANNELS = (
    "card_present",
    "card_online",
    "mobile",
    "web",
    "branch",
    "atm",
    "standing_order",
    "direct_debit",
    "batch",
    "inbound",
)
RAILS = ("card", "instant", "transfer", "direct_debit", "cash")
AUTHENTICATIONS = ("pin", "contactless", "three_d_secure", "app", "sms_code", "mandate", "signature")
REMITTANCES = ("private", "invoice", "salary", "rent", "tax", "donation", "savings", "payout", "subscription", "refund")
CATEGORIES = (
    "grocery",
    "restaurant",
    "fuel",
    "fashion",
    "electronics",
    "travel",
    "pharmacy",
    "transport",
    "leisure",
    "online_shop",
)


class Form(IntEnum):
    """How a payment is made."""

    SHOP = 0
    ONLINE_SHOP = 1
    WITHDRAWAL = 2
    DEPOSIT = 3
    ONLINE = 4  # a person or small firm pays by app or web: mobile or web, instant or transfer
    STANDING = 5
    DEBIT = 6
    BATCH = 7
    OFFICE = 8  # a firm pays in its web bank
    REFUND = 9  # a shop pays back on the card


ONLINE_FORMS = (Form.ONLINE, Form.OFFICE)
CARD_FORMS = (Form.SHOP, Form.ONLINE_SHOP)
NONE = -1
