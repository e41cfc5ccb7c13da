"""The type of the file system of a path, and which types are refused."""

from pathlib import Path

import pytest

from page_tracker import BackendError
from page_tracker.backends.sqlite import file_system
from page_tracker.backends.sqlite.file_system import check_file_system, type_of

MOUNTS = r"""
21 1 0:20 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b
22 21 0:5 / /proc rw,nosuid shared:12 - proc proc rw
23 21 8:1 / /data rw shared:1 master:2 - ext4 /dev/sda1 rw
24 23 0:40 /x /data/shared rw - nfs4 server:/x rw
25 21 0:41 / /my\040data rw - virtiofs tag rw
26 21 0:42 / /twice rw - cifs //server/share rw
27 21 0:43 / /twice rw - btrfs /dev/sdb rw
28 21 0:44 / /s\134040 rw - xfs /dev/sdc rw
""".lstrip()


@pytest.fixture(name="mounts")
def fixture_mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The list of mounts that the tracker reads."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(file_system, "_MOUNTS", mounts)
    return mounts


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/counts.db", "overlay"),
        ("/var/lib/counts.db", "overlay"),
        ("/data/counts.db", "ext4"),
        ("/data/deep/er/counts.db", "ext4"),
        ("/data2/counts.db", "overlay"),
        ("/data/shared/counts.db", "nfs4"),
        ("/data/shared/../counts.db", "ext4"),
        ("/my data/counts.db", "virtiofs"),
        ("/twice/counts.db", "btrfs"),
        (r"/s\040/counts.db", "xfs"),
    ],
)
def test_should_be_that_of_the_innermost_visible_mount(path: str, kind: str) -> None:
    assert type_of(Path(path)) == kind


def test_should_follow_a_symbolic_link(mounts: Path, tmp_path: Path) -> None:
    mounts.write_text(f"{MOUNTS}29 21 0:45 / {tmp_path}/real rw - zfs pool rw\n")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    assert type_of(tmp_path / "link" / "counts.db") == "zfs"


def test_should_be_empty_on_a_system_without_a_list_of_mounts(mounts: Path) -> None:
    mounts.unlink()

    assert type_of(Path("/counts.db")) == ""
    check_file_system(Path("/counts.db"))


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse.sshfs", "fuse.rclone"],
)
def test_should_be_refused_if_machines_share_it(mounts: Path, kind: str) -> None:
    mounts.write_text(f"1 0 0:1 / / rw - {kind} server:/ rw\n")

    with pytest.raises(BackendError) as refused:
        check_file_system(Path("/counts.db"))

    assert f"a file system of type {kind}," in str(refused.value)
    assert "a named volume" in str(refused.value)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "f2fs", "fuseblk", "apfs"],
)
def test_should_be_accepted_if_it_is_a_disk(mounts: Path, kind: str) -> None:
    mounts.write_text(f"1 0 0:1 / / rw - {kind} /dev/x rw\n")

    check_file_system(Path("/counts.db"))
