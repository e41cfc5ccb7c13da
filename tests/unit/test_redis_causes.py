"""What the tracker says about each failure of Redis."""

import socket
import ssl

import pytest
from redis import exceptions
from redis.exceptions import RedisError, ResponseError
from redis.sentinel import MasterNotFoundError

from page_tracker.backends.redis.causes import cause_of, explained, lacks_permission


def wrapped(
    error: Exception, *, kind: type[RedisError] = exceptions.ConnectionError
) -> RedisError:
    """Return an error of the library that was raised because of this one."""
    outer = kind(f"Error 1 connecting to secret.example:6379. {error}")
    outer.__context__ = error
    return outer


def tls(text: str) -> RedisError:
    """Return the error of the library for an error of OpenSSL."""
    return wrapped(ssl.SSLError(1, f"[SSL: CODE] {text} (_ssl.c:1006)"))


# The texts are those of Redis 7.0 and 8.2, of Valkey and of OpenSSL 3.
@pytest.mark.parametrize(
    ("error", "text", "advice"),
    [
        (wrapped(ConnectionRefusedError(111, "refused")), "listens", "start Redis"),
        (wrapped(FileNotFoundError(2, "none")), "the socket of", "the path in"),
        (wrapped(PermissionError(13, "no")), "may not use the socket", "let the user"),
        (wrapped(socket.gaierror(-2, "unknown")), "the host of Redis", "its name"),
        (wrapped(ConnectionResetError(104, "x")), "closed the", "needs TLS"),
        (wrapped(OSError(113, "No route to host")), "the network", "can be reached"),
        (exceptions.TimeoutError("reading"), "does not answer in", "a firewall"),
        (exceptions.ConnectionError("closed"), "closed the connection", "see its log"),
        (tls("certificate verify failed: self-signed"), "not trusted", "ssl_ca_certs"),
        (tls("certificate verify failed: certificate has expired"), "expired", "renew"),
        (
            tls("certificate verify failed: certificate is not yet valid"),
            "not valid yet",
            "clocks",
        ),
        (
            tls("certificate verify failed: Hostname mismatch, certificate is not"),
            "for another host",
            "the host of the certificate",
        ),
        (tls("tlsv13 alert certificate required"), "asks for a cert", "ssl_certfile"),
        (tls("sslv3 alert handshake failure"), "refuses the TLS", "tls-protocols"),
        (tls("wrong version number"), "not answer in TLS", "instead of rediss"),
        (
            wrapped(
                TimeoutError("_ssl.c:989: The handshake operation timed out"),
                kind=exceptions.TimeoutError,
            ),
            "not answer in TLS",
            "instead of rediss",
        ),
        (
            exceptions.AuthenticationError("required", status_code="NOAUTH"),
            "asks for a password",
            "into X",
        ),
        (
            exceptions.AuthenticationError("invalid", status_code="WRONGPASS"),
            "refuses the user or",
            "correct them in X",
        ),
        (
            exceptions.AuthenticationError(
                "AUTH <password> called without any password configured"
            ),
            "has no password",
            "remove the password",
        ),
        (
            exceptions.NoPermissionError(
                "this user has no permissions to run the 'eval' command"
            ),
            "may not run eval",
            "grant it +eval",
        ),
        (
            ResponseError(
                "NOPERM ACL failure in script: User default has no permissions to run "
                "the 'zincrby' command"
            ),
            "may not run zincrby",
            "grant it +zincrby",
        ),
        (
            ResponseError(
                "The user executing the script can't run this command or subcommand"
            ),
            "may not run a command that the scripts use",
            "doctor says which",
        ),
        (
            exceptions.NoPermissionError("No permissions to access a key"),
            "may not use the keys",
            "~page_views*",
        ),
        (ResponseError("MISCONF Errors writing"), "save to its disk", "free space"),
        (ResponseError("NOREPLICAS Not enough"), "too few replicas", "min-replicas"),
        (ResponseError("BUSY Redis is busy"), "a long script", "SCRIPT KILL"),
        (ResponseError("WRONGTYPE Operation"), "the wrong type", "TYPE"),
        (
            ResponseError("value is not an integer or out of range"),
            "a key of the tracker holds a number that is too large, or none",
            "correct its number",
        ),
        (ResponseError("increment or decrement would overflow"), "too large", "GET"),
        (
            exceptions.OutOfMemoryError("not allowed", status_code="OOM"),
            "memory of Redis is full",
            "raise maxmemory",
        ),
        (
            exceptions.ReadOnlyError("You can't", status_code="READONLY"),
            "a replica",
            "set X to the master",
        ),
        (
            exceptions.BusyLoadingError("loading", status_code="LOADING"),
            "loading its data",
            "wait",
        ),
        (
            exceptions.MovedError("1 127.0.0.1:1", status_code="MOVED"),
            "a server of a cluster",
            "redis+cluster://",
        ),
        (
            exceptions.ClusterDownError("Hash", status_code="CLUSTERDOWN"),
            "the cluster is down",
            "start its servers",
        ),
        (
            exceptions.RedisClusterException("Cluster mode is not enabled on this"),
            "not a server of a cluster",
            "begin X with redis://",
        ),
        (exceptions.RedisClusterException("none"), "the cluster cannot", "the hosts"),
        (MasterNotFoundError("No master found for 'm'"), "no Sentinel", "the service"),
        (
            exceptions.ConnectionError("max number of clients reached"),
            "too many clients",
            "raise maxclients",
        ),
        (
            exceptions.ConnectionError("DENIED Redis is running in protected mode"),
            "protected mode",
            "set a password",
        ),
        (ResponseError("DB index is out of range"), "no database with", "correct it"),
        (
            ResponseError("unknown command 'EVAL', with args beginning with: 's3cret'"),
            "no command EVAL",
            "rename-command",
        ),
        (
            ResponseError("unknown command 'evalsha', with args beginning with: 'x'"),
            "no command evalsha",
            "if it is a Sentinel, begin X with redis+sentinel://",
        ),
        (
            ResponseError("unknown command 'SENTINEL', with args beginning with: 'x'"),
            "this Redis is not a Sentinel",
            "begin X with redis:// or rediss://",
        ),
        (
            exceptions.InvalidResponse("Protocol Error: b'HTTP/1.1 400 Bad Request'"),
            "what answers is not a Redis",
            "correct the host and port in X",
        ),
        (
            ResponseError("Unknown Redis command called from script"),
            "lacks a command",
            "doctor says which",
        ),
        (ResponseError("ERR something else"), "refuses a command", "see the log"),
    ],
)
def test_should_give_each_cause_its_own_advice(
    error: Exception, text: str, advice: str
) -> None:
    cause = cause_of(error, setting="X")

    assert text in cause.text
    assert advice in cause.advice
    assert not any(part in str(cause) for part in ("s3cret", "secret", "{url}"))


def test_should_explain_an_error_and_keep_it_as_the_cause() -> None:
    error = exceptions.OutOfMemoryError("not allowed", status_code="OOM")

    failed = explained(error)

    assert str(failed) == (
        "the memory of Redis is full; raise maxmemory, or delete pages or sites"
    )
    assert failed.__cause__ is error


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("WRONGTYPE Operation", "has the wrong type"),
        ("hash value is not an integer", "holds a number that is too large, or none"),
    ],
)
@pytest.mark.parametrize("key", ["page_views:a", "{page_views:a}:change:1234"])
def test_should_name_the_key_that_is_wrong(key: str, reply: str, wrong: str) -> None:
    failed = explained(ResponseError(reply), key=key)

    assert str(failed).startswith(
        f"page_views:a, or a key that begins with {{page_views:a}}, {wrong}; "
    )


def test_should_name_the_key_of_a_reply_that_is_no_number() -> None:
    failed = explained(
        ValueError("invalid literal for int() with base 10"), key="page_views:a"
    )

    assert "{page_views:a}, holds a number that is too large, or none; " in str(failed)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("The user executing the script can't run this command or subcommand", True),
        ("The user executing the script can't access at least one of the keys", True),
        ("NOPERM ACL failure in script: User default has no permissions", True),
        ("OOM command not allowed when used memory > 'maxmemory'.", False),
        ("READONLY You can't write against a read only replica.", False),
        ("MISCONF Errors writing to the AOF file: Permission denied", False),
    ],
)
def test_should_tell_a_missing_permission_from_other_refusals(
    text: str, lacks: bool
) -> None:
    assert lacks_permission(ResponseError(text)) is lacks
