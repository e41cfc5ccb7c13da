"""REDIS_URL: valid and invalid values. No error quotes a password."""

from pathlib import Path

import pytest
import trustme

from page_tracker.backends.redis.clients import open_client
from page_tracker.backends.redis.url import Servers, servers_of
from page_tracker.backends.url import MEMORY_URL, check_url, describe_storage

ALLOWED = [
    ("memory://", "memory"),
    ("redis://localhost", "Redis at localhost"),
    ("redis://localhost:6379", "Redis at localhost:6379"),
    ("redis://localhost:6379/", "Redis at localhost:6379/"),
    ("redis://localhost:6379/12", "Redis at localhost:6379/12"),
    ("redis://:s3cret@localhost", "Redis at localhost"),
    ("redis://me:s3cret%40%2F%23@10.0.0.1:7000/0", "Redis at 10.0.0.1:7000/0"),
    ("redis://[::1]:6379", "Redis at [::1]:6379"),
    ("rediss://cache.example", "Redis at cache.example"),
    ("rediss://h?ssl_cert_reqs=none&ssl_check_hostname=false", "Redis at h"),
    ("redis+cluster://h1:7000,h2", "Redis at h1:7000,h2"),
    ("redis+cluster://:s3cret@h1,[::1]:7001/", "Redis at h1,[::1]:7001/"),
    ("rediss+cluster://h1?ssl_cert_reqs=none", "Redis at h1"),
    ("redis+sentinel://me:s3cret@h1,h2:1/my/2", "Redis at h1,h2:1/my/2"),
    ("redis+sentinel://h1/m?sentinel_password=s3cret", "Redis at h1/m"),
    ("rediss+sentinel://h1/m?ssl_check_hostname=false", "Redis at h1/m"),
    ("unix:///run/redis.sock", "Redis at /run/redis.sock"),
    ("unix://:s3cret@/run/redis.sock?db=2", "Redis at /run/redis.sock"),
]

FORBIDDEN = [
    ("localhost:6379", "this is not a URL"),
    ("/run/redis.sock", "this is not a URL"),
    ("me:s3cret@localhost:6379", "this is not a URL"),
    ("http://localhost", "the scheme http:// is unknown"),
    ("REDIS://localhost", "the scheme REDIS is not in lower case; allowed: redis"),
    ("redis://a..b", "the host is malformed"),
    (f"redis+cluster://h1,{'a' * 64}", "the host is malformed"),
    ("redis://a%2e%2eb", "the host is malformed"),
    ("redis+ring://localhost", "the scheme redis+ring:// is unknown"),
    ("memory://localhost", "counts in memory have one URL; allowed: memory://"),
    ("memory:", "counts in memory have one URL; allowed: memory://"),
    ("MEMORY://", "the scheme MEMORY is not in lower case; allowed: memory"),
    ("redis://", "the host is missing"),
    ("redis:///0", "the host is missing"),
    ("redis://:s3cret@/0", "the host is missing"),
    ("redis://local host", "a space"),
    ("redis://localhost\n", "a control character"),
    ("redis://localhost:0", "port is 0"),
    ("redis://localhost:65536", "malformed"),
    ("redis://localhost:six", "malformed"),
    ("redis://[::1", "malformed"),
    ("redis://:s3cret/x@localhost", "the URL contains a misplaced # or @"),
    ("redis://:s3cret#@localhost", "the URL contains a misplaced # or @"),
    ("redis://localhost/0#s3cret", "the URL contains a misplaced # or @"),
    ("redis://me:12?s3cret@localhost", "the URL contains a misplaced # or @"),
    ("redis://me:12/3?s3cret@localhost", "the URL contains a misplaced # or @"),
    ("unix://:12/s3cret@/run/redis.sock", "the URL contains a misplaced # or @"),
    ("redis://me:s3cret", "malformed"),
    ("redis://me:12?s3cret", "the options are malformed"),
    ("redis://h1:7000,h2:7001", "malformed"),
    ("redis://h1,h2", "the URL has several hosts"),
    ("redis+cluster://", "the host is missing"),
    ("redis+cluster://h1,,h2", "the host is missing"),
    ("redis+cluster://h1,h2:0", "port is 0"),
    ("redis+cluster://h1,:s3cret", "malformed"),
    ("redis+cluster://h1:7000/1", "the URL has a database, but a cluster"),
    ("redis+cluster://h1:7000//1", "the URL has a database, but a cluster"),
    ("redis+cluster://h1?ssl_cert_reqs=none", "the option 'ssl_cert_reqs' is unknown"),
    ("redis+sentinel://:s3cret@h1", "the service is missing"),
    ("redis+sentinel://h1,h2/", "the service is missing"),
    ("redis+sentinel://h1/mymaster/s3cret", "the database after the service"),
    ("redis+sentinel://h1/m?password=s3cret", "the option 'password' is unknown"),
    (
        "rediss+sentinel://h1/m?ssl_cert_reqs=s3cret",
        "the option ssl_cert_reqs has a wrong value",
    ),
    ("redis://h?me:s3cret", "the options are malformed"),
    ("redis://localhost/zero", "the database after the host is not a number"),
    ("redis://localhost/-1", "the database after the host is not a number"),
    ("redis://me:12/s3cret@localhost", "the URL contains a misplaced # or @"),
    ("redis://localhost?db=1", "the option 'db' is unknown"),
    (
        "redis://localhost?retry_on_timeout=true",
        "the option 'retry_on_timeout' is unknown",
    ),
    (
        "redis://localhost?socket_timeout=s3cret",
        "the option 'socket_timeout' is unknown",
    ),
    (
        "rediss://localhost?ssl_cert_reqs=s3cret",
        "the option ssl_cert_reqs has a wrong value",
    ),
    ("rediss://localhost?ssl_ca_certs=/no/s3cret", "does not name a readable file"),
    ("rediss://h?ssl_cert_reqs=none&ssl_cert_reqs=none", "is repeated"),
    ("unix://", "the socket is missing"),
    ("unix:///", "the socket is missing"),
    ("unix://run/redis.sock", "the socket is missing"),
    ("unix:///run/redis.sock?db=s3cret", "the option db is not a number"),
    ("unix:///run/redis.sock?password=s3cret", "the option 'password' is unknown"),
]


@pytest.mark.parametrize(("url", "storage"), ALLOWED)
def test_should_accept_a_url_and_describe_its_storage(url: str, storage: str) -> None:
    assert check_url(url) == url
    assert describe_storage(url) == storage
    if url != MEMORY_URL:
        assert open_client(url, timeout_s=1).partitions > 0


@pytest.mark.parametrize(("url", "reason"), FORBIDDEN)
def test_should_refuse_a_url_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        check_url(url)

    assert reason in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_should_parse_the_urls_of_several_servers() -> None:
    assert servers_of(
        "rediss+sentinel://:p%40@a,[::1]:7/my%20m/3?ssl_cert_reqs=none"
    ) == (
        Servers(
            are_sentinels=True,
            addresses=[("a", 26379), ("::1", 7)],
            service="my m",
            first_url="rediss://:p%40@a/3?ssl_cert_reqs=none",
        )
    )
    assert servers_of("redis+cluster://me:p@a:7000,b") == Servers(
        are_sentinels=False,
        addresses=[("a", 7000), ("b", 6379)],
        service="",
        first_url="redis://me:p@a:7000/",
    )
    assert servers_of("redis://a") is None


def test_should_refuse_a_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not name a readable file"):
        check_url(f"rediss://localhost?ssl_certfile={tmp_path}")


@pytest.fixture(name="files", scope="module")
def fixture_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A CA, a certificate with its key, and the key of another certificate."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    own, other = authority.issue_cert("me"), authority.issue_cert("other")
    own.cert_chain_pems[0].write_to_path(str(folder / "certificate"))
    own.private_key_pem.write_to_path(str(folder / "key"))
    other.private_key_pem.write_to_path(str(folder / "other"))
    authority.cert_pem.write_to_path(str(folder / "authority"))
    return {path.name: str(path) for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        "ssl_ca_certs={authority}",
        "ssl_ca_certs={authority}&ssl_certfile={certificate}&ssl_keyfile={key}",
    ],
)
def test_should_accept_matching_files(files: dict[str, str], options: str) -> None:
    check_url("rediss://localhost?" + options.format_map(files))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("ssl_ca_certs={key}", "are not usable"),
        ("ssl_certfile={certificate}", "are not usable"),
        ("ssl_certfile={certificate}&ssl_keyfile={other}", "are not usable"),
        ("ssl_keyfile={key}", "also requires the option ssl_certfile"),
    ],
)
def test_should_refuse_files_that_do_not_match(
    files: dict[str, str], options: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        check_url("rediss://localhost?" + options.format_map(files))
