"""Where a webhook may go: the address behind a url, checked before anything is sent to it.

Names are resolved once for each attempt, and the connection goes to the address that was checked. Urls come from the
operator's own settings; the check keeps a mistake, or a name that came to mean something else, from reaching inwards.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from headgate.errors import FieldError


class Target(NamedTuple):
    """A url taken apart."""

    secure: bool
    host: str
    port: int
    path: str


def target_of(url: str, where: str) -> Target:
    """Return a url taken apart. FieldError for one that cannot be, holds a password, or is plain HTTP to elsewhere."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise _refused(f"The url cannot be read: {error}", where) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise _refused("The url has no host, another scheme, or a name and password in it", where)
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise _refused("The url is plain HTTP to another machine", where)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", parts.hostname, port, path)


def resolved(target: Target, *, private_networks: bool) -> str:
    """Return an address of the target that may be reached. OSError where there is none.

    An address of a private network counts only where the settings allow it; this machine itself always counts.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        number = ipaddress.ip_address(address.partition("%")[0])
        own = number.is_loopback and _is_this_machine(target.host)
        if own or (number.is_global and not number.is_multicast) or (private_networks and number.is_private):
            return address
    raise OSError("the name leads to a private network, which `private_networks` does not allow")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(what: str, where: str) -> FieldError:
    return FieldError(what, where=where, repair="Give an https url, or one of this machine such as http://127.0.0.1.")
