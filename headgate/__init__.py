"""headgate: finds payment fraud and money laundering in payment streams before the money is gone.

It judges payments, sessions and relations between accounts, never persons.
"""

__version__ = "0.1.0"
