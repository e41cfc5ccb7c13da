"""URLs of SQLite files: valid and invalid ones. No error quotes a password."""

import re
from pathlib import Path

import pytest

from page_tracker.backends.sqlite.url import path_of, url_of
from page_tracker.backends.url import check_url, describe_storage

HERE = Path.cwd()

ALLOWED = [
    ("sqlite:///data/counts.db", "/data/counts.db"),
    ("sqlite:/data/counts.db", "/data/counts.db"),
    ("sqlite:////data/counts.db", "/data/counts.db"),
    ("sqlite:///counts", "/counts"),
    ("sqlite:///a%20b/%C3%BC%25.db", "/a b/ü%.db"),
    ("sqlite:///ü/カフェ.db", "/ü/カフェ.db"),
    ("sqlite:///a%3Fb%23c", "/a?b#c"),
    ("sqlite:///me:word@host/counts.db", "/me:word@host/counts.db"),
    ("sqlite:counts.db", f"{HERE}/counts.db"),
    ("sqlite:data/counts.db", f"{HERE}/data/counts.db"),
    ("sqlite:./counts.db", f"{HERE}/counts.db"),
    ("sqlite:../counts.db", str(HERE.parent / "counts.db")),
    # Only a shell expands this.
    ("sqlite:~/counts.db", f"{HERE}/~/counts.db"),
    ("sqlite:///~/counts.db", "/~/counts.db"),
    # On this system, these are ordinary names.
    ("sqlite:C:/counts.db", f"{HERE}/C:/counts.db"),
    ("sqlite:///C:/counts.db", "/C:/counts.db"),
    (r"sqlite:data\counts.db", rf"{HERE}/data\counts.db"),
    ("sqlite::memory:", f"{HERE}/:memory:"),
    ("sqlite:///data/..db", "/data/..db"),
]

FORBIDDEN = [
    ("sqlite:", "names no file"),
    ("sqlite://", "does not begin with /"),
    ("sqlite:///", "names no file"),
    ("sqlite:.", "names no file"),
    ("sqlite:..", "names no file"),
    ("sqlite:///data/", "names no file"),
    ("sqlite:///data/.", "names no file"),
    ("sqlite:///data/..", "names no file"),
    ("sqlite:data%2F", "names no file"),
    ("sqlite://counts.db", "does not begin with /"),
    ("sqlite://me:s3cret@host/counts.db", "does not begin with /"),
    ("sqlite:///counts.db?mode=s3cret", "has no options"),
    ("sqlite:///counts.db#s3cret", "has no options"),
    ("sqlite:counts.db?", "has no options"),
    ("sqlite:///a%00b", "a zero byte"),
    ("sqlite:///a b.db", "a space"),
    ("sqlite:counts.db\n", "a control character"),
    ("sqlite:///data/counts.db-wal", "the name ends with -wal"),
    ("sqlite:counts-shm", "the name ends with -shm"),
    ("sqlite:counts.db%2Dlock", "the name ends with -lock"),
    ("sqlite:100%.db", "two hexadecimal digits; allowed: %25 for a %"),
    ("sqlite:///a%2/counts.db", "a % without two hexadecimal digits"),
    ("sqlite:counts.db%", "a % without two hexadecimal digits"),
    ("SQLITE:///counts.db", "the scheme SQLITE is not in lower case; allowed: sqlite"),
    ("Sqlite:counts.db", "the scheme Sqlite is not in lower case; allowed: sqlite"),
    ("sqlite3:///counts.db", "the scheme sqlite3:// is unknown"),
    ("file:///counts.db", "the scheme file:// is unknown"),
    ("/data/counts.db", "this is not a URL"),
    ("counts.db", "this is not a URL"),
]


@pytest.mark.parametrize(("url", "path"), ALLOWED)
def test_should_accept_a_url_and_name_its_file(url: str, path: str) -> None:
    assert check_url(url) == url
    assert str(path_of(url)) == path
    assert describe_storage(url) == f"SQLite at {path}"


@pytest.mark.parametrize(("url", "reason"), FORBIDDEN)
def test_should_refuse_a_url_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        check_url(url)

    assert not re.search("s3cret|\n", str(refused.value))


@pytest.mark.parametrize("path", ["/data/counts.db", "/a b/?#%/ü.db", "/x/C:\\y"])
def test_should_return_the_url_of_a_file(path: str) -> None:
    assert path_of(check_url(url_of(Path(path)))) == Path(path)


def test_should_return_the_absolute_url_of_a_relative_file() -> None:
    assert path_of(url_of(Path("counts.db"))) == HERE / "counts.db"
