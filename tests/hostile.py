"""Requests as attackers and broken clients send them, by what the tracker answers.

Each character stands for one byte.
"""

NEXT = "GET /views.json?page=a.b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"""The request that follows on the same connection."""

_HIT = "/hit.json?page=a.b"
_PAGE = "page=a.b"  # eight bytes
_CHUNK = f"8\r\n{_PAGE}\r\n"

# Gunicorn's limits: the bytes of a request line and of a field, and the fields.
_LINE, _FIELD, _FIELDS = 4094, 8190, 100

_CONTROLS = "\0\x01\x08\x0b\x0c\x0e\x1b\x1f\x7f"
_SEPARATORS = '"(),/;<=>?@[\\]{}'
_ENDS = ("\n", "\r", "\n\r", "\r\r\n")  # of lines, and all wrong


def _head(line: str, *fields: str) -> str:
    return "\r\n".join((line, "Host: x", *fields, "", ""))


def _get(*fields: str) -> str:
    return _head(f"GET {_HIT} HTTP/1.1", *fields)


def _post(*fields: str, body: str = _PAGE) -> str:
    form = "Content-Type: application/x-www-form-urlencoded"
    return _head("POST /hit.json HTTP/1.1", form, *fields) + body


def _chunks(body: str) -> str:
    return _post("Transfer-Encoding: chunked", body=body)


def _line(length: int) -> str:
    return _head(f"GET {_HIT}&{'x' * (length - 32)} HTTP/1.1")


def _field(length: int, start: str = "X:") -> str:
    return start + "x" * (length - len(start) - len("\r\n"))


_COUNTED = [
    _get(),
    "\r\n" + _get(),
    *map(_line, (_LINE - 1, _LINE)),
    *(_head(f"GET http://{host}{_HIT} HTTP/1.1") for host in ("x", "x:8", "[::1]")),
    *(_head(f"GET {_HIT}{end} HTTP/1.1") for end in ("#x", "&#", "&?", "&%zz", "&\\")),
    *(_get(f"X:{text}") for text in ("", " ", "\t", "x ", "\tx\t", " x\t x", "\xff:")),
    *(_get(f"{name}: x") for name in ("9", "!#$%&'*+-.^`|~", "Y" * 8000, "Host-")),
    *(_get(f"{name}: 8") for name in ("Content_Length", "Transfer_Encoding", "H_ost")),
    *(_get(_field(length)) for length in (_LINE, _FIELD - 1, _FIELD)),
    _get(_field(_FIELD, "X: \t ")),
    _get(*(f"X{n}: x" for n in range(_FIELDS - 1))),
    _get(*["X: x"] * (_FIELDS - 1)),
    _get(*["X_Y: x"] * (_FIELDS + 9)),
    *(_get(f"Expect: 100-{text}") for text in ("continue", "Continue", "CONTINUE")),
    *(_get(f"Connection: {text}") for text in ("keep-alive", "x", "Upgrade", "")),
    _get("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AA"),
    _get("X-Forwarded-Proto: https", "X-Forwarded-Ssl: on"),
    *(_head(f"GET {_HIT} HTTP/1.{minor}") for minor in (2, 9)),
    _head(f"GET {_HIT} HTTP/1.0", "Connection: keep-alive"),
]

_COUNTED_LAST = [
    _get("Connection: close"),
    *(_get(f"Content-Length: {length}") + "x" * length for length in (0, 3)),
    _head(f"GET {_HIT} HTTP/1.0"),
    _head(f"GET {_HIT} HTTP/1.0", "Expect: 100-continue"),
    *(_post(f"Content-Length:{text}") for text in ("8", " 08", "\t8 ")),
    _post("Content-Length: 8", body=f"{_PAGE}x"),
    _post("Content-Length: 8", "Expect: 100-continue"),
    *(
        _post(f"Transfer-Encoding:{codings}", body=f"{_CHUNK}0\r\n\r\n")
        for codings in ("chunked", "\tChunked \t", "gzip, chunked", "identity,chunked")
    ),
    *(
        _chunks(f"{size}\r\n{_PAGE}\r\n0\r\n\r\n")
        for size in ("8", "08", "8;x", "8 ;x=y", '8;x="y"')
    ),
    *(
        _chunks(f"{_CHUNK}{end}\r\n\r\n")
        for end in ("0", "000", "0;x", "0\r\nX: y", "0\r\nCookie: y", "0\r\nX_Y: z")
    ),
    _chunks("3\r\npag\r\n5\r\ne=a.b\r\n0\r\n\r\n"),
]

_METHODS = ("DELETE", "PRI", "M-SEARCH", "!$&'*+-.^_`|~", "G3T", "XXX", "X" * 20)

_INVALID_METHODS = (
    *("get", "Get", "GEt", "GE", "G", "X" * 21, "GET#"),
    *(f"GE{byte}T" for byte in _SEPARATORS + _CONTROLS + "\x80\xe9"),
)

_INVALID_LINES = [
    *("", " ", "GET", "GET ", f"GET {_HIT}", f"GET {_HIT} "),
    *(f" GET {_HIT} HTTP/1.1", f"GET  {_HIT} HTTP/1.1", f"GET {_HIT}  HTTP/1.1"),
    *(f"GET {_HIT} x HTTP/1.1", f"GET\t{_HIT} HTTP/1.1", f"GET {_HIT}\tHTTP/1.1"),
    *(
        f"GET {target} HTTP/1.1"
        for target in ("hit.json", "?page=a.b", "x:80", "*", "http://[x/", "http:/x")
    ),
    *("PROXY TCP4 192.0.2.1 192.0.2.2 1 2", "PROXY UNKNOWN"),
    *(f"{method} {_HIT} HTTP/1.1" for method in _INVALID_METHODS),
    *(f"GET {_HIT}{byte} HTTP/1.1" for byte in _CONTROLS + "\x80\xff"),
    *(
        f"GET {_HIT} {version}"
        for version in (
            "HTTP",
            "HTTP/",
            "HTTPS/1.1",
            "http/1.1",
            "ICY/1.1",
            "HTTP/+1.1",
        )
    ),
]

# Followed by a bare CR, the version is not known either.
_OTHER_VERSIONS = (
    *("0.0", "0.9", "2.0", "3.0", "9.9", "1", "1.", "2", "11", "1.10", "01.1", "1.1.1"),
    *("1,1", "1.-1", "1.1x", "1.1 ", "1.1\t", "1.1\r", "1.1\rX: x"),
)

_INVALID_STARTS = (
    *("\r\n\r\n", "\n", "\r", " ", "\0", "\r\n ", "\x16\x03\x01\x02\0"),
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + "\0" * 12,  # the PROXY protocol, version 2
)

_INVALID_LENGTHS = (
    *("", "x", "+8", "-8", "8, 8", "8,", "0x8", "8 8", "8.0", "1e1", "\xb2", "8;"),
    *("8\r\nContent-Length: 8", "0\r\nContent-Length: 8", "8\r\ncontent-length: 9"),
    "8\r\nTransfer-Encoding: chunked",
)

_INVALID_CODINGS = (
    *("gzip", "identity", "gzip, identity", "chunked, chunked", "chunked, gzip"),
    *("chunked, identity", "chunked\r\nTransfer-Encoding: chunked", "chunked\r\n x"),
    *("chunked\r\nContent-Length: 8", "chunked\r\nContent-Length: 0"),
)

_UNKNOWN_CODINGS = (
    *("", ",", "x", "xchunked", "chunkedx", "chunked x", "chunked,", ",chunked", "br"),
    *(
        '"chunked"',
        "chunked;q=1",
        "\xa0chunked",
        "chunked\x85",
        "x\r\nContent-Length: 8",
    ),
)

_INVALID_FIELDS = [
    *("x", ":", ": x", " X: x", "\tX: x", "X : x", "X\t: x", "X y: x", "=x"),
    *("X: x\r\n y", "X: x\r\n\ty", "X:\r\n y", "X: x\r\n "),
    *(f"X{byte}: x" for byte in _SEPARATORS + _CONTROLS + "\x80\xe9"),
    *(f"{byte}: x" for byte in _CONTROLS),
    *(f"X: {byte}" for byte in _CONTROLS),
    *(f"X: x{byte}x" for byte in _CONTROLS),
    *(f"X: x{end}Y: y" for end in _ENDS),
    *("Host: x", "Host: y", "host: x", "Content-Type: x\r\nContent-Type: y"),
    *(f"Content-Length: {text}" for text in _INVALID_LENGTHS),
    *(f"Transfer-Encoding: {text}" for text in _INVALID_CODINGS),
]

_INVALID_SIZES = (
    *("", "x", "G", "0x8", "+8", "-8", " 8", "8 ", "8\t", "8_0", "8 x", "8,8", "8."),
    *("8;", "8;=x", "8;x=", "8;x y", "8;x\ry", "8;\x01", '8;x="', "\xb2", "8\n", "8\r"),
)

_INVALID_CHUNKS = [
    *(f"{size}\r\n{_PAGE}\r\n0\r\n\r\n" for size in _INVALID_SIZES),
    *(f"8\r\n{_PAGE}{after}" for after in ("", "0\r\n\r\n", "\n0\r\n\r\n")),
    *(f"8\n{_PAGE}\n0\n\n", f"7\r\n{_PAGE}\r\n0\r\n\r\n", "8;" + "x" * 20_000),
    *(
        f"{_CHUNK}0\r\n{trailer}\r\n\r\n"
        for trailer in (
            *("X", "X : y", " X: y", "X: y\n", "X: \0", "X: y\r\n z", "Host: x"),
            *("Trailer: x", "Content-Length: 0", "Transfer-Encoding: chunked"),
        )
    ),
]

_INVALID = [
    *map(_head, _INVALID_LINES),
    *map(_get, _INVALID_FIELDS),
    *map(_chunks, _INVALID_CHUNKS),
    *(start + _get() for start in _INVALID_STARTS),
    *(_get("X: x").replace("x\r\n", f"x{end}") for end in _ENDS),
    *(_get().replace("\r\n\r\n", f"\r\n{end}") for end in _ENDS),
    _get().replace("\r\n", "\n"),
    _head(f"GET {_HIT} HTTP/1.0", "Transfer-Encoding: chunked"),
]

_TOO_LONG_LINES = (
    *map(_line, (_LINE + 1, _LINE + 2, 9000, 20_000)),
    "\r\n" + _line(_LINE + 1),
    "x" * 5000,
)

_TOO_LONG_HEADS = (
    *(_get(_field(_FIELD + more)) for more in (1, 2, 10, 10_000)),
    _get(_field(_FIELD + 1, "X: \t ")),
    _get("X:" + " " * _FIELD),
    *(_get(*["X: x"] * n) for n in (100, 101, 155, 156, 200, 254, 255, 256, 257, 999)),
)

OUTCOMES: dict[tuple[int, ...], list[str]] = {
    (200, 200): _COUNTED,
    (200,): _COUNTED_LAST,
    (404, 200): [
        _head("OPTIONS * HTTP/1.1"),
        *(
            _head(f"GET {path} HTTP/1.1")
            for path in ("//x/hit.json", "/HIT.json", "/\\")
        ),
    ],
    (405, 200): [_head(f"{method} {_HIT} HTTP/1.1") for method in _METHODS],
    (404,): [_head("CONNECT x:80 HTTP/1.1")],
    (405,): [_head(f"CONNECT {_HIT} HTTP/1.1")],
    (400,): _INVALID,
    (414,): [*_TOO_LONG_LINES],
    (417,): [_get(f"Expect: {text}") for text in ("", "x", "100", "100-continue, x")],
    (431,): [*_TOO_LONG_HEADS],
    (501,): [_get(f"Transfer-Encoding: {text}") for text in _UNKNOWN_CODINGS],
    (505,): [_head(f"GET {_HIT} HTTP/{version}") for version in _OTHER_VERSIONS],
}
"""The requests by the status of their answer and, if there is one, of the next answer.

The tracker counts each request that it answers with 200, and no other.
"""
