"""What is well with a Redis and what is not, and what to change."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from redis.exceptions import NoPermissionError

from page_tracker.backends.protocol import BackendError, Finding
from page_tracker.backends.redis.connections import (
    ERRORS,
    Client,
    open_client,
    redacted,
)
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script
from page_tracker.backends.redis.url import describe_servers
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

_TRY_ALL = Script("try_all.lua")

# COPY came with it.
_OLDEST = (6, 2)
_MOST_CLOCK_DIFFERENCE_S = 2.0
_FULL = 0.9


def examine(url: str, *, deadline_s: float = 2.0) -> list[Finding]:
    """Look at each server of a checked URL that takes views."""
    client = open_client(url, timeout_s=deadline_s)
    try:
        begun = time.monotonic()
        infos = client.infos()
        took_ms = (time.monotonic() - begun) * 1000
    except ERRORS as error:
        reason = f"{type(error).__name__}: {redacted(error)}"
        advice = "start Redis, or correct REDIS_URL"
        return [Finding("connection", "error", reason, advice)]
    place, servers = describe_servers(url), (
        f", {len(infos)} masters" if len(infos) > 1 else ""
    )
    findings = [
        Finding("connection", "ok", f"{place}{servers}, answers in {took_ms:.1f} ms")
    ]
    for info in infos:
        findings += _of_server(info)
    findings += _persistence(client, infos)
    findings += _clock(client)
    findings += _permissions(url, deadline_s)
    # What is said of one server of a cluster need not be said of the others.
    return list(dict.fromkeys(findings))


def _of_server(info: dict[str, Any]) -> Iterator[Finding]:
    if not info:
        yield Finding(
            "server",
            "warning",
            "it refuses INFO, so nothing can be told of its memory and its files",
            "grant the user +info",
        )
        return
    yield _version(info)
    if info.get("role") == "slave":
        yield Finding(
            "role", "error", "a replica, which takes no views", "name the master"
        )
    yield _eviction(info)
    yield _memory(info)


def _version(info: dict[str, Any]) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name == "Redis" and numbers < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        return Finding(
            "version", "error", f"{name} {version}", f"take {oldest} or later"
        )
    return Finding("version", "ok", f"{name} {version}")


def _eviction(info: dict[str, Any]) -> Finding:
    policy, evicted = info.get("maxmemory_policy"), info.get("evicted_keys", 0)
    if policy != "noeviction":
        return Finding(
            "eviction",
            "warning",
            f"maxmemory-policy is {policy}: counts may be thrown away"
            + (f", and {evicted} keys have been" if evicted else ""),
            "set maxmemory-policy noeviction",
        )
    return Finding("eviction", "ok", "maxmemory-policy is noeviction")


def _memory(info: dict[str, Any]) -> Finding:
    used, limit = info.get("used_memory", 0), info.get("maxmemory", 0)
    used_mb, limit_mb = used / 1e6, limit / 1e6
    if not limit:
        return Finding("memory", "ok", f"{used_mb:.1f} MB used, no limit set")
    text = f"{used_mb:.1f} of {limit_mb:.1f} MB used"
    if used < _FULL * limit:
        return Finding("memory", "ok", text)
    full = used >= limit
    return Finding(
        "memory",
        "error" if full else "warning",
        f"{text}: " + ("no view is counted" if full else "soon no view is counted"),
        "raise maxmemory, or delete pages or sites",
    )


def _persistence(client: Client, infos: list[dict[str, Any]]) -> Iterator[Finding]:
    settings = client.each("CONFIG GET", "appendfsync")
    for info, setting in zip(infos, settings, strict=False):
        if not info:
            continue
        if info.get("aof_enabled") != 1:
            yield Finding(
                "persistence",
                "warning",
                "no append-only file: the latest views are lost when Redis stops",
                "set appendonly yes",
            )
        elif info.get("aof_last_write_status") == "err":
            yield Finding(
                "persistence",
                "error",
                "the append-only file cannot be written",
                "make room on the disk of Redis; its log says more",
            )
        else:
            yield _appendfsync(setting)


def _appendfsync(setting: Any) -> Finding:
    if not isinstance(setting, dict):
        return Finding("persistence", "ok", "an append-only file")
    when = setting.get("appendfsync") or setting.get(b"appendfsync", b"").decode()
    text = f"an append-only file, appendfsync {when}"
    if when == "no":
        return Finding(
            "persistence",
            "warning",
            f"{text}: half a minute of views is lost with the machine",
            "set appendfsync everysec, or always",
        )
    return Finding("persistence", "ok", text)


def _clock(client: Client) -> Iterator[Finding]:
    began = time.time()
    for reply in client.each("TIME"):
        ended = time.time()
        if not isinstance(reply, tuple):
            continue
        there = reply[0] + reply[1] / 1e6
        # Between the two moments at which it may have been read.
        ahead = max(there - ended, 0) or min(there - began, 0)
        if abs(ahead) > _MOST_CLOCK_DIFFERENCE_S:
            yield Finding(
                "clock",
                "warning",
                f"that of Redis is {abs(ahead):.0f} s "
                + ("ahead" if ahead > 0 else "behind"),
                "set both clocks by NTP: by one days begin, by the other they expire",
            )
        else:
            yield Finding(
                "clock", "ok", f"as that of Redis, give or take {ended - began:.3f} s"
            )


def _permissions(url: str, deadline_s: float) -> Iterator[Finding]:
    queues = RequestQueues(
        url, deadline_s=deadline_s, limits=Limits(), metrics=Metrics()
    )
    tag = f"{{page_views}}:doctor:{uuid4().hex}"
    keys = [f"page_views{tag}", *(f"{tag}:{number}" for number in range(6))]
    call = Call(_TRY_ALL, tuple(keys), (), lambda reply: [reply.decode().splitlines()])
    try:
        refused = queues.call(call)
    except BackendError as error:
        cause = error.__cause__ or error
        is_right = isinstance(cause, NoPermissionError)
        yield Finding(
            "permissions" if is_right else "scripts",
            "error",
            f"no script can be run: {cause}",
            "grant the user what the README names" if is_right else "",
        )
        return
    if refused:
        names = sorted({line.partition(":")[0].lower() for line in refused})
        yield Finding(
            "permissions",
            "error",
            f"refused: {', '.join(names)}",
            "grant the user "
            + " ".join(f"+{name}" for name in names)
            + " on ~page_views* and ~{page_views*",
        )
    else:
        yield Finding("permissions", "ok", "all commands that are needed")
