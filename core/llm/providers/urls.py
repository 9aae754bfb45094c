"""Which addresses a provider of models may have.

A base URL comes from settings or from a page, and the workbench then sends requests there: so an address that no model server has
(the metadata service of a cloud, a link-local, multicast or reserved one) is refused, in whatever notation it is written.
Loopback and private addresses are where local models run and are allowed.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from core.errors import InvalidValueError

Address = IPv4Address | IPv6Address

METADATA = frozenset(map(ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")))
"""Metadata services of AWS and Azure, Alibaba Cloud, Oracle, AWS over IPv6, Google over IPv6: they hand out credentials."""

NAT64 = ip_network("64:ff9b::/96")
ODD_IPV4 = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}", re.IGNORECASE)
"""What a C library reads as an IPv4 address: one to four numbers, decimal, octal or hexadecimal."""

EXAMPLE = "an address looks like http://localhost:11434"


def checked_base_url(url: str) -> str:
    """The URL as it may be used: scheme and host in lower case, literal addresses in their usual form, no slash at the end.

    Raises:
        InvalidValueError: no http or https, no host, a user or password in it, a query or fragment, or a refused address.
    """
    try:
        scheme, netloc, path = _parts(url.strip())
    except InvalidValueError:
        url = without_userinfo(url)  # a traceback that shows this frame must not show the password
        raise
    return f"{scheme}://{netloc}{path.rstrip('/')}"


def without_userinfo(url: str) -> str:
    """The URL without what stands before an `@` in its host part, and without its query: fit to be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rpartition("@")[2], "", ""))


def literal_address(host: str) -> Address | None:
    """The address that a host spells out, in any notation the system would accept (`0x7f.1`, `2130706433`); None for a name."""
    host = host.strip("[]").partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        pass  # not in the usual notation; a C library reads more than that
    if not ODD_IPV4.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def refusal(address: Address) -> str | None:
    """Why no model is asked at that address; None if it is fine. An IPv4 address inside an IPv6 one counts as itself."""
    inner = embedded_ipv4(address)
    if inner is not None:
        return refusal(inner)
    if address in METADATA:
        return "it is the metadata service of a cloud"
    kinds = {
        "it is link-local": address.is_link_local,
        "it is a multicast address": address.is_multicast,
        "it is an address to listen on, not to connect to": address.is_unspecified,
        "it is a reserved address": address.is_reserved and not address.is_loopback,
    }
    return next((reason for reason, holds in kinds.items() if holds), None)


def embedded_ipv4(address: Address) -> IPv4Address | None:
    """The IPv4 address inside a mapped, 6to4 or NAT64 IPv6 address."""
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host with port, and path, each checked."""
    shown = without_userinfo(url)
    if re.search(r"[\x00-\x20\x7f\\]", url):
        url = shown
        raise InvalidValueError("the address has a blank, a backslash or a control character in it", hint=EXAMPLE)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        url = shown
        raise InvalidValueError("the address is no URL", hint=EXAMPLE) from None
    problem = _problem(parts.scheme, bool(parts.hostname), "@" in parts.netloc, bool(parts.query or parts.fragment))
    if problem is not None:
        url, parts = shown, urlsplit(shown)
        raise InvalidValueError(f"{shown}: {problem[0]}", hint=problem[1])
    host = _checked_host(parts.hostname or "", shown)
    return parts.scheme, host if port is None else f"{host}:{port}", parts.path


def _problem(scheme: str, has_host: bool, has_userinfo: bool, has_query: bool) -> tuple[str, str] | None:
    """What is wrong with a URL, and what to do; None if nothing is."""
    if scheme not in ("http", "https"):
        return "models are reached by http or https only", EXAMPLE
    if has_userinfo:
        return "the address carries a user name or password", "leave them out of the address; a key has a field of its own"
    if not has_host:
        return "the address names no host", EXAMPLE
    if has_query:
        return "the address carries a query or a fragment", "leave out everything from ? or # on; a key has a field of its own"
    return None


def _checked_host(host: str, shown: str) -> str:
    """The host, a literal address in its usual form (IPv6 in brackets)."""
    address = literal_address(host)
    if address is None:
        return host
    reason = refusal(address)
    if reason:
        raise InvalidValueError(f"{shown}: no model is asked there, {reason}", hint="give the address of the machine that runs the models")
    address = embedded_ipv4(address) or address
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)
