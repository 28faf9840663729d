"""The ledger: a transparency log (C2SP) that an outsider verifies with standard tools.

What may enter: values, bytes, keys. It imports errors and limits only; stores, services and clocks come by argument.
It never decides, and it proves that records were not changed, not that they were right.
"""
