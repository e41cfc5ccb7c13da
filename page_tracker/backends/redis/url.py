"""The grammar of Redis URLs, checked here so that a mistake is reported at the start.

The client library would report a mistake only at first use, would use database 0 if
the number is malformed, and would let an option of the URL enable retries. Error texts
quote only the scheme and the names of options: anything else may be a password.
"""

import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

ALLOWED = (
    "redis://[[user]:password@]host[:6379][/database], rediss://… for TLS, "
    "redis+sentinel://[[user]:password@]host[:26379],…/service[/database], "
    "redis+cluster://[[user]:password@]host[:6379],…, both also as rediss+…, "
    "unix://[[user]:password@]/path/to/socket[?db=database]"
)
_ENCODE = "in a user or password, percent-encode every one of % : / ? # [ ] @"
_MALFORMED = (
    "the host or port is malformed; allowed: a port from 1 to 65535 and an IPv6 "
    f"address in brackets; {_ENCODE}"
)
_PORTS = {"sentinel": 26379, "cluster": 6379}


def check_redis_url(url: str) -> None:
    """Check a URL with one of the schemes of Redis.

    Raises ValueError, which says what is wrong and what is allowed.
    """
    scheme = url.partition("://")[0]
    if "+" in scheme:
        parts, *others = map(_split, _urls_by_host(url))
        for one in parts, *others:
            _check_server(one)
        _check_service(parts)
    else:
        parts = _split(url)
        if scheme == "unix":
            _check_socket(parts)
        else:
            _check_server(parts)
            _check_database("host", parts.path[1:])
    options = _check_options(parts, _OPTIONS[scheme])
    if scheme.startswith("rediss"):
        _check_tls(options)


def describe_servers(url: str) -> str:
    """Return a name for the servers of a checked URL, without user and password."""
    urls = [urlsplit(one) for one in _urls_by_host(url)]
    hosts = ",".join(parts.netloc.rpartition("@")[2] for parts in urls)
    return f"Redis at {hosts}{unquote(urls[0].path)}"


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers of a checked URL that names several."""

    are_sentinels: bool
    """Whether they are Sentinels, which know the master, or servers of a cluster."""

    addresses: list[tuple[str, int]]

    service: str
    """The name of the master at the Sentinels. Empty for a cluster."""

    first_url: str
    """The URL of only the first server. All use its user, password and options."""


def servers_of(url: str) -> Servers | None:
    """Return the servers of a checked URL, or None if it is for a single server."""
    urls = [urlsplit(one) for one in _urls_by_host(url)]
    scheme, _, kind = urls[0].scheme.partition("+")
    if not kind:
        return None
    service, _, database = urls[0].path[1:].partition("/")
    port = _PORTS[kind]
    return Servers(
        are_sentinels=kind == "sentinel",
        addresses=[(parts.hostname or "", parts.port or port) for parts in urls],
        service=unquote(service),
        first_url=urls[0]._replace(scheme=scheme, path=f"/{database}").geturl(),
    )


def _urls_by_host(url: str) -> list[str]:
    """Return a URL for each host of a URL with several hosts.

    The standard library can only parse URLs with one host.
    """
    scheme, _, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    after = rest.removeprefix(authority)
    user, at, hosts = authority.rpartition("@")
    return [f"{scheme}://{user}{at}{host}{after}" for host in hosts.split(",")]


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        # Not chained, because the cause quotes the text that is malformed.
        raise ValueError(_MALFORMED) from None
    if "#" in url or "@" in parts.path + parts.query:
        raise ValueError(f"the URL contains a misplaced # or @; {_ENCODE}")
    return parts


def _check_server(parts: SplitResult) -> None:
    try:
        port = parts.port
    except ValueError:
        raise ValueError(_MALFORMED) from None
    if port == 0:
        raise ValueError("the port is 0; allowed: 1 to 65535")
    if "," in (parts.hostname or ""):
        raise ValueError(f"the URL has several hosts; allowed: {ALLOWED}")
    if not parts.hostname:
        raise ValueError(f"the host is missing; allowed: {ALLOWED}; {_ENCODE}")
    try:
        # The lookup of the name decodes and encodes it in the same way.
        unquote(parts.hostname).encode("idna")
    except UnicodeError:
        raise ValueError(
            "the host is malformed; allowed: a name whose parts between dots have 1 to "
            "63 characters"
        ) from None


def _check_service(parts: SplitResult) -> None:
    service, _, database = parts.path[1:].partition("/")
    if parts.scheme.endswith("+cluster"):
        if service or database:
            raise ValueError(
                "the URL has a database, but a cluster has none; allowed: no path"
            )
    elif not service:
        raise ValueError(f"the service is missing; allowed: {ALLOWED}")
    else:
        _check_database("service", database)


def _check_database(before: str, database: str) -> None:
    if database:
        _check_number(f"the database after the {before}", database)


def _check_socket(parts: SplitResult) -> None:
    if parts.netloc.rpartition("@")[2] or not parts.path.strip("/"):
        raise ValueError(f"the socket is missing; allowed: {ALLOWED}; {_ENCODE}")


Check = Callable[[str, str], None]


def _check_options(parts: SplitResult, allowed: dict[str, Check]) -> dict[str, str]:
    """Return the options of a URL. Raises ValueError for a wrong or repeated one."""
    names = ", ".join(allowed) or "no options"
    try:
        options = parse_qsl(parts.query, True, strict_parsing=bool(parts.query))
    except ValueError:
        # Not chained, because the cause may quote the end of a password.
        raise ValueError(
            f"the options are malformed; allowed: {names}; {_ENCODE}"
        ) from None
    for name, value in options:
        if name not in allowed:
            raise ValueError(f"the option {name!r} is unknown; allowed: {names}")
        allowed[name](f"the option {name}", value)
    if len(options) > len(dict(options)):
        raise ValueError("an option is repeated; allowed: each option once")
    return dict(options)


def _check_tls(options: dict[str, str]) -> None:
    """Load the files as the client will, to check their contents."""
    authorities, certificate = options.get("ssl_ca_certs"), options.get("ssl_certfile")
    key = options.get("ssl_keyfile")
    if key and not certificate:
        raise ValueError("the option ssl_keyfile also requires the option ssl_certfile")
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate:
            context.load_cert_chain(certificate, key, password="")  # nosec B106  # none
    except OSError:
        raise ValueError(
            "the files of the ssl_ options are not usable; allowed: certificates in "
            "PEM and the private key of the certificate, without a password"
        ) from None


def _check_number(what: str, value: str) -> None:
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"{what} is not a number; allowed: 0, 1, 2, …")


def _check_file(what: str, value: str) -> None:
    if not (os.path.isfile(value) and os.access(value, os.R_OK)):
        raise ValueError(f"{what} does not name a readable file")


def _accept_any(_what: str, _value: str) -> None:
    """Accept any value."""


def _one_of(*allowed: str) -> Check:
    def check(what: str, value: str) -> None:
        if value not in allowed:
            raise ValueError(f"{what} has a wrong value; allowed: {', '.join(allowed)}")

    return check


# Options that change retries or timeouts are not allowed: exact counts and the
# deadline depend on them.
_TLS_OPTIONS: dict[str, Check] = {
    "ssl_ca_certs": _check_file,
    "ssl_certfile": _check_file,
    "ssl_keyfile": _check_file,
    "ssl_cert_reqs": _one_of("required", "optional", "none"),
    "ssl_check_hostname": _one_of("true", "false"),
}
_SENTINEL_OPTIONS: dict[str, Check] = {
    "sentinel_username": _accept_any,
    "sentinel_password": _accept_any,
}
_OPTIONS: dict[str, dict[str, Check]] = {
    "unix": {"db": _check_number},
    "redis": {},
    "rediss": _TLS_OPTIONS,
    "redis+cluster": {},
    "rediss+cluster": _TLS_OPTIONS,
    "redis+sentinel": _SENTINEL_OPTIONS,
    "rediss+sentinel": _TLS_OPTIONS | _SENTINEL_OPTIONS,
}

SCHEMES = frozenset(_OPTIONS)
