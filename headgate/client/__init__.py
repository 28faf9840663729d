"""The client: asks a running headgate from another Python program, and checks the webhooks that it sends.

Values of the API go in and come out, typed; mistakes are raised as the errors that the service names, with what, where
and repair. It keeps nothing but connections, and decides nothing.
"""

from __future__ import annotations

from headgate.client.client import Client
from headgate.client.webhook import ReceivedWebhook, verify_webhook
from headgate.service.wire import AccountIn, ListChangeIn, OutcomeIn, PaymentIn, SessionIn, StatusIn

__all__ = [
    "AccountIn",
    "Client",
    "ListChangeIn",
    "OutcomeIn",
    "PaymentIn",
    "ReceivedWebhook",
    "SessionIn",
    "StatusIn",
    "verify_webhook",
]
