"""The diagnosis of Redis for page-tracker doctor."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from redis.exceptions import ResponseError

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.causes import cause_of, lacks_permission
from page_tracker.backends.redis.clients import open_client
from page_tracker.backends.redis.connections import ERRORS, Client, redacted
from page_tracker.backends.redis.keys import site_key
from page_tracker.backends.redis.rehearsal import Counting
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script
from page_tracker.backends.redis.url import describe_servers
from page_tracker.counting.model import Limits
from page_tracker.operations.findings import Finding
from page_tracker.operations.metrics import Metrics

_TRY_ALL = Script("try_all.lua")

# The first version that has the command COPY.
_OLDEST_VERSION = (6, 2)
_MAX_CLOCK_DIFFERENCE_S = 2.0
_NEARLY_FULL = 0.9


def examine(
    url: str, *, deadline_s: float = 2.0, setting: str = "PAGE_TRACKER_BACKEND"
) -> list[Finding]:
    """Check each server of a checked URL that accepts writes.

    The advice names the setting that contains the URL.
    """
    try:
        findings = list(_check(url, deadline_s, setting))
    except ERRORS as error:
        found = _failed("connection", error, setting)
        details = f"{type(error).__name__}: {redacted(error)}"
        return [replace(found, text=f"{found.text}: {details}")]
    # Several servers of a cluster may have the same finding. It is reported once.
    return list(dict.fromkeys(findings))


def _check(url: str, deadline_s: float, setting: str) -> Iterator[Finding]:
    client = open_client(url, timeout_s=deadline_s)
    begun = time.monotonic()
    infos = client.infos()
    took_ms = (time.monotonic() - begun) * 1000
    masters = f", {len(infos)} masters" if len(infos) > 1 else ""
    text = f"{describe_servers(url)}{masters}, answers in {took_ms:.1f} ms"
    yield Finding("connection", "ok", text)
    for info in infos:
        yield from _check_server(info, setting)
    yield from _check_persistence(client, infos)
    yield from _check_clock(client)
    # A replica refuses all changes, whatever the permissions are.
    if not any(map(_is_replica, infos)):
        found = list(_check_permissions(url, deadline_s, setting))
        yield from found
        if all(each.level == "ok" for each in found):
            yield from _check_counting(client, setting)


def _is_replica(info: dict[str, Any]) -> bool:
    return bool(info.get("role") == "slave")


def _check_server(info: dict[str, Any], setting: str) -> Iterator[Finding]:
    if not info:
        yield Finding(
            "server",
            "warning",
            "Redis refuses INFO, so its memory and persistence cannot be checked",
            "grant the Redis user +info",
        )
        return
    yield _check_version(info)
    if _is_replica(info):
        yield Finding(
            "role",
            "error",
            "this is a replica, which cannot store views",
            f"set {setting} to the master",
        )
    yield _check_eviction(info)
    yield _check_memory(info)


def _check_version(info: dict[str, Any]) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name == "Redis" and numbers < _OLDEST_VERSION:
        oldest = ".".join(map(str, _OLDEST_VERSION))
        return Finding(
            "version", "error", f"{name} {version}", f"upgrade to {oldest} or later"
        )
    return Finding("version", "ok", f"{name} {version}")


def _check_eviction(info: dict[str, Any]) -> Finding:
    policy, evicted = info.get("maxmemory_policy"), info.get("evicted_keys", 0)
    if policy != "noeviction":
        return Finding(
            "eviction",
            "warning",
            f"maxmemory-policy is {policy}: Redis may evict counts"
            + (f", and has evicted {evicted} keys" if evicted else ""),
            "set maxmemory-policy noeviction",
        )
    return Finding("eviction", "ok", "maxmemory-policy is noeviction")


def _check_memory(info: dict[str, Any]) -> Finding:
    used, limit = info.get("used_memory", 0), info.get("maxmemory", 0)
    used_mb, limit_mb = used / 1e6, limit / 1e6
    if not limit:
        return Finding("memory", "ok", f"{used_mb:.1f} MB used, no limit")
    text = f"{used_mb:.1f} of {limit_mb:.1f} MB used"
    if used < _NEARLY_FULL * limit:
        return Finding("memory", "ok", text)
    full = used >= limit
    outcome = "views are not" if full else "soon views will not be"
    return Finding(
        "memory",
        "error" if full else "warning",
        f"{text}: {outcome} counted",
        "raise maxmemory, or delete pages or sites",
    )


def _check_persistence(
    client: Client, infos: list[dict[str, Any]]
) -> Iterator[Finding]:
    settings = client.each("CONFIG GET", "appendfsync")
    for info, setting in zip(infos, settings, strict=False):
        if not info:
            continue
        if info.get("aof_enabled") != 1:
            yield Finding(
                "persistence",
                "warning",
                "without an append-only file, Redis loses the latest views if it stops",
                "set appendonly yes",
            )
        elif info.get("aof_last_write_status") == "err":
            yield Finding(
                "persistence",
                "error",
                "Redis cannot write its append-only file",
                "free space on the disk of Redis, or see its log",
            )
        else:
            yield _check_appendfsync(setting)


def _check_appendfsync(setting: Any) -> Finding:
    if not isinstance(setting, dict):
        return Finding("persistence", "ok", "Redis has an append-only file")
    when = setting.get("appendfsync") or setting.get(b"appendfsync", b"").decode()
    text = f"Redis has an append-only file, with appendfsync {when}"
    if when == "no":
        return Finding(
            "persistence",
            "warning",
            f"{text}: half a minute of views is lost if its machine fails",
            "set appendfsync always or everysec",
        )
    return Finding("persistence", "ok", text)


def _check_clock(client: Client) -> Iterator[Finding]:
    began = time.time()
    for reply in client.each("TIME"):
        ended = time.time()
        if not isinstance(reply, tuple):
            continue
        redis_time = reply[0] + reply[1] / 1e6
        # Redis read its clock between these times. The difference is at least this.
        ahead = max(redis_time - ended, 0) or min(redis_time - began, 0)
        if abs(ahead) > _MAX_CLOCK_DIFFERENCE_S:
            yield Finding(
                "clock",
                "warning",
                f"the clock of Redis is {abs(ahead):.0f} s "
                + ("ahead" if ahead > 0 else "behind"),
                "synchronize both clocks with NTP: the tracker's clock decides when a "
                "day begins, and the clock of Redis when its counts expire",
            )
        else:
            yield Finding(
                "clock",
                "ok",
                f"agrees with the clock of Redis, within {ended - began:.3f} s",
            )


def _check_permissions(url: str, deadline_s: float, setting: str) -> Iterator[Finding]:
    queues = RequestQueues(
        url, deadline_s=deadline_s, limits=Limits(), metrics=Metrics()
    )
    tag = f"{{page_views}}:doctor:{uuid4().hex}"
    keys = [f"page_views{tag}", *(f"{tag}:{number}" for number in range(6))]
    call = Call(_TRY_ALL, tuple(keys), (), lambda reply: [reply.decode().splitlines()])
    try:
        lines = queues.call(call)
    except BackendError as error:
        yield _failed("scripts", error, setting)
        return
    replies = [line.partition(": ") for line in lines]
    refused = {name.lower(): ResponseError(reason) for name, _, reason in replies}
    forbidden = sorted(n for n, reply in refused.items() if lacks_permission(reply))
    if forbidden:
        yield Finding(
            "permissions",
            "error",
            f"Redis refuses {', '.join(forbidden)}",
            "grant the Redis user "
            + " ".join(f"+{name}" for name in forbidden)
            + " on ~page_views* and ~{page_views*",
        )
    elif not refused:
        yield Finding("permissions", "ok", "all required commands are allowed")
    # After a forbidden command, others fail because it has stored nothing for them.
    for reply in refused.values() if not forbidden else ():
        yield _failed("commands", reply, setting)


def _check_counting(client: Client, setting: str) -> Iterator[Finding]:
    try:
        Counting(client, Limits()).rehearse()
    except ERRORS as error:
        # The rehearsal has keys of its own, and one of the tracker's own site.
        yield _failed("counting", error, setting, key=site_key(""))
    else:
        yield Finding("counting", "ok", "a rehearsal of a view succeeded")


def _failed(check: str, error: Exception, setting: str, key: str = "") -> Finding:
    """Return the finding that Redis fails with this error: its cause and advice."""
    cause = cause_of(error, setting=setting, key=key)
    return Finding(check, "error", cause.text, cause.advice)
