"""The file system of the counts: whether SQLite can keep its promises there."""

import os
import re
from pathlib import Path

from page_tracker.backends.protocol import BackendError

_MOUNTS = Path("/proc/self/mountinfo")

_SHARED = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|lustre|gpfs|virtiofs|vboxsf"
    r"|prl_fs|fakeowner|osxfs|fuse\.(sshfs|grpcfuse|osxfs|gcsfuse|s3fs|vmhgfs-fuse"
    r"|glusterfs|ceph|rclone)"
)
"""Types of file systems that other machines may share.

SQLite needs memory that is shared by all processes with the file open, and locks that
work between them (sqlite.org/wal.html, sqlite.org/howtocorrupt.html).
"""


def type_of(path: Path) -> str:
    """Return the type of the file system of a path; empty if it is not known."""
    folder = str(path.resolve().parent)
    found = "/", ""
    try:
        lines = _MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        # Source: proc_pid_mountinfo(5). Spaces in a path are written as \040.
        before, _, after = line.partition(" - ")
        mount = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), before.split()[4])
        inside = mount == "/" or folder == mount or folder.startswith(f"{mount}/")
        # Of several mounts on the same folder, the last one is visible.
        if inside and len(mount) >= len(found[0]):
            found = mount, after.split()[0]
    return found[1]


def check_file_system(path: Path) -> None:
    """Raise BackendError if counts in this file system may be damaged."""
    kind = type_of(path)
    if _SHARED.fullmatch(kind):
        raise BackendError(
            f"SQLite cannot keep counts on a file system of type {kind}, because other "
            "machines may use it too; allowed: a disk of this machine, a named volume "
            "of Docker or Podman, or Redis"
        )


def is_read_only(path: Path) -> bool:
    """Return whether the file system of a path is read-only. Raises OSError."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def free_bytes(path: Path) -> int:
    """Return the free space for this file. Raises OSError."""
    status = os.statvfs(path.parent)
    return status.f_bavail * status.f_frsize
