"""Why Redis cannot be used, and what to do about it.

The texts contain no address, no user and no password, because everybody may read them.
The codes are those of the sources of Redis (server.c, networking.c, script.c, acl.c).
"""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from redis.exceptions import InvalidResponse, RedisClusterException
from redis.sentinel import MasterNotFoundError

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.connecting import NotConnectedError

_URL = "the URL of Redis"
_SOME_KEY = "a key of the tracker"
_WRONG_NUMBER = (
    f"{_SOME_KEY} holds a number that is too large, or none",
    "find the key with GET or ZRANGE, and correct its number",
)
_NO_PERMISSION = "^NOPERM|permissions? to|can't (run|access)"


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause and its advice."""

    text: str
    advice: str

    def __str__(self) -> str:
        return f"{self.text}; {self.advice}"


_REPLICA = (
    "this Redis is a replica, which cannot store views",
    "set {url} to the master",
)
_CODES = {
    "NOAUTH": ("Redis asks for a password", "put the user and password into {url}"),
    "WRONGPASS": (
        "Redis refuses the user or the password",
        "correct them in {url}, or enable the user",
    ),
    "MISCONF": (
        "Redis refuses writes because it cannot save to its disk",
        "free space there and let Redis write to its folder; its log says more",
    ),
    "OOM": (
        "the memory of Redis is full",
        "raise maxmemory, or delete pages or sites",
    ),
    "READONLY": _REPLICA,
    "MASTERDOWN": _REPLICA,
    "NOREPLICAS": (
        "Redis refuses writes because it has too few replicas",
        "start its replicas, or lower min-replicas-to-write",
    ),
    "LOADING": (
        "Redis is loading its data",
        "wait until it has finished",
    ),
    "BUSY": (
        "a long script keeps Redis busy",
        "wait for it, or end it with SCRIPT KILL",
    ),
    "MOVED": (
        "this Redis is a server of a cluster",
        "begin {url} with redis+cluster:// or rediss+cluster://",
    ),
    "CLUSTERDOWN": (
        "the cluster is down: some of its slots have no server",
        "start its servers, or assign the slots; see CLUSTER INFO",
    ),
    "TRYAGAIN": (
        "the cluster is moving keys",
        "wait until it has finished",
    ),
    "DENIED": (
        "the protected mode of Redis refuses other machines",
        "set a password for Redis, or set protected-mode no in a safe network",
    ),
    "WRONGTYPE": (
        f"{_SOME_KEY} has the wrong type",
        "find the key with TYPE, and delete or rename it",
    ),
}

# Patterns, whose group is a name to quote. The arguments of an unknown command must not
# be quoted, because they may be a password.
_TEXTS = (
    (
        "(?i)unknown command ['`]?sentinel",
        "this Redis is not a Sentinel",
        "name the Sentinels in {url}, or begin {url} with redis:// or rediss://",
    ),
    (
        "(?i)unknown command ['`]?(eval(?:sha)?)\\b",
        "Redis has no command {name}",
        "undo its rename-command, or use Redis 6.2 or later; "
        "if it is a Sentinel, begin {url} with redis+sentinel://",
    ),
    (
        "(?i)unknown command ['`]?([a-z|]+)",
        "Redis has no command {name}",
        "undo its rename-command, or use Redis 6.2 or later",
    ),
    (
        "Unknown Redis command called from script",
        "Redis lacks a command that the scripts use",
        "undo rename-command; page-tracker doctor says which",
    ),
    (
        r"permissions? to run the '([a-z|]+)' command",
        "the user of Redis may not run {name}",
        "grant it +{name}",
    ),
    (
        "(access|permissions).* key",
        "the user of Redis may not use the keys",
        "grant it ~page_views* ~{page_views*",
    ),
    (
        _NO_PERMISSION,
        "the user of Redis may not run a command that the scripts use",
        "grant it the commands in docs/storage.md; page-tracker doctor says which",
    ),
    (
        "max number of clients",
        "Redis has too many clients",
        "raise maxclients, or end other clients",
    ),
    ("not an integer|not a valid float|would overflow", *_WRONG_NUMBER),
    ("DB index", "Redis has no database with this number", "correct it in {url}"),
    (
        "luster mode is not enabled|cluster support disabled",
        "this Redis is not a server of a cluster",
        "begin {url} with redis:// or rediss://",
    ),
    (
        "AUTH.* without any password configured",
        "Redis has no password",
        "remove the password from {url}",
    ),
)

_SYSTEM: dict[type[Exception], tuple[str, str]] = {
    socket.gaierror: (
        "the host of Redis is unknown",
        "correct its name in {url}, or see to the name service",
    ),
    ConnectionRefusedError: (
        "no Redis listens at its address",
        "start Redis, or correct the host and port in {url}",
    ),
    FileNotFoundError: (
        "the socket of Redis does not exist",
        "start Redis, or correct the path in {url}",
    ),
    PermissionError: (
        "the tracker may not use the socket of Redis",
        "let the user of the tracker read and write it; see unixsocketperm",
    ),
    ConnectionResetError: (
        "Redis closed the connection",
        "if its port needs TLS, begin {url} with rediss; otherwise see its log",
    ),
    TimeoutError: (
        "Redis does not answer in time",
        "see whether it is overloaded or suspended, or whether a firewall is between",
    ),
    OSError: (
        "the network to Redis fails",
        "see whether its machine can be reached, and correct {url}",
    ),
}

_LIBRARY: dict[type[Exception], tuple[str, str]] = {
    MasterNotFoundError: (
        "no Sentinel names a master",
        "start the Sentinels, or correct the hosts and the service in {url}",
    ),
    NotConnectedError: (
        "Redis cannot be reached in time",
        "see whether the name service knows its host, whether Redis is overloaded, or "
        "whether a firewall is between",
    ),
    redis.TimeoutError: _SYSTEM[TimeoutError],
    InvalidResponse: (
        "what answers is not a Redis",
        "correct the host and port in {url}",
    ),
    RedisClusterException: (
        "the cluster cannot be reached, or it is being changed",
        "start its servers, or correct the hosts in {url}",
    ),
    redis.ConnectionError: _SYSTEM[ConnectionResetError],
    # A script has replied with what a key holds, but that is no number.
    ValueError: _WRONG_NUMBER,
}

# Patterns of the texts of OpenSSL, and of the ssl module of Python about host names.
_TLS = {
    "has expired": (
        "the certificate of Redis has expired",
        "renew it",
    ),
    "not yet valid": (
        "the certificate of Redis is not valid yet",
        "correct the clocks, or wait",
    ),
    "not valid for|mismatch": (
        "the certificate of Redis is for another host",
        "use the host of the certificate in {url}",
    ),
    "certificate verify failed": (
        "the certificate of Redis is not trusted",
        "name the file of its authority with the option ssl_ca_certs in {url}",
    ),
    "certificate required": (
        "Redis asks for a certificate of the tracker",
        "name it with the options ssl_certfile and ssl_keyfile in {url}",
    ),
    "handshake failure": (
        "Redis refuses the TLS connection",
        "see its log, and its settings tls-protocols and tls-ciphers",
    ),
}
_NO_TLS = (
    "Redis does not answer in TLS",
    "if its port has no TLS, begin {url} with redis instead of rediss",
)


REPLICA = Cause(_REPLICA[0], _REPLICA[1].format(url=_URL))
"""The cause if the server is a replica."""


def cause_of(error: BaseException, *, setting: str = _URL, key: str = "") -> Cause:
    """Return the cause of an error of the client library.

    The advice names the setting that contains the URL. If a key is wrong, the text says
    that it is this one or begins with it.
    """
    # The hash tag of the key, if it has one, is the first key of the site.
    key = key.removeprefix("{").partition("}")[0]
    some_key = f"{key}, or a key that begins with {{{key}}}," if key else _SOME_KEY
    errors = list(_chain(error))
    for find in (_of_reply, _of_tls, _of_system, _of_library):
        for each in errors:
            if found := find(each):
                text, advice = found
                return Cause(
                    text.replace(_SOME_KEY, some_key), advice.replace("{url}", setting)
                )
    return Cause("Redis refuses a command of the tracker", "see the log of the tracker")


def explained(error: Exception, *, key: str = "") -> BackendError:
    """Return an error that says what to do, with this error as its cause.

    If a key is wrong, the text says that it is this one or begins with it.
    """
    failed = BackendError(str(cause_of(error, key=key)))
    failed.__cause__ = error
    return failed


def lacks_permission(error: Exception) -> bool:
    """Return whether Redis refuses a command or a key to its user."""
    return re.search(_NO_PERMISSION, str(error)) is not None


def _code_of(error: BaseException) -> str:
    """Return the code of an error reply, such as OOM."""
    code = getattr(error, "status_code", None)
    # The library cuts off the codes that it knows.
    return str(code or re.split(r"[\s:]", str(error), maxsplit=1)[0])


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_reply(error: BaseException) -> tuple[str, str] | None:
    if not isinstance(error, redis.RedisError | RedisClusterException):
        return None
    for pattern, text, advice in _TEXTS:
        if found := re.search(pattern, str(error)):
            name = found[1] if found.lastindex else ""
            return text.replace("{name}", name), advice.replace("{name}", name)
    return _CODES.get(_code_of(error))


def _of_tls(error: BaseException) -> tuple[str, str] | None:
    text = str(error).lower().replace("_", " ")
    if "handshake operation timed out" in text:
        return _NO_TLS
    if not isinstance(error, ssl.SSLError):
        return None
    return next(
        (found for pattern, found in _TLS.items() if re.search(pattern, text)), _NO_TLS
    )


def _of_system(error: BaseException) -> tuple[str, str] | None:
    return _of_kind(error, _SYSTEM)


def _of_library(error: BaseException) -> tuple[str, str] | None:
    return _of_kind(error, _LIBRARY)


def _of_kind(
    error: BaseException, causes: dict[type[Exception], tuple[str, str]]
) -> tuple[str, str] | None:
    return next((c for kind, c in causes.items() if isinstance(error, kind)), None)
