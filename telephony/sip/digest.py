"""Digest authentication, both sides: MD5, SHA-256 and SHA-512-256, qop auth or none (RFC 3261 section 22, RFC 8760)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telephony.sip.message import Request, Response
from telephony.sip.parameters import QUOTED, TOKEN, quote, unquote

# `sipmessage.AuthChallenge` splits at the comma in `qop="auth,auth-int"`, so the parameters are read here.
PARAMETER = re.compile(rf"\s*({TOKEN})\s*=\s*({QUOTED}|[^\s,\"]+)\s*(?:,|$)", re.DOTALL)
ALGORITHMS: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
}
STRONGEST = ("SHA-512-256", "SHA-256", "MD5")
NONCE_LIFE = 300.0
"Seconds a nonce of ours is good for; later ones are told `stale`."
MOST_NONCES = 4096
"Nonces whose count is remembered against replay."


def parse_digest(value: str) -> dict[str, str]:
    """Return the parameters of a Digest challenge or of credentials, names in lower case."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise ValueError("Scheme is not Digest")
    parameters: dict[str, str] = {}
    position = 0
    while match := PARAMETER.match(rest, position):
        parameters.setdefault(match[1].lower(), unquote(match[2]))
        position = match.end()
    if rest[position:].strip() or not parameters:
        raise ValueError("Digest parameters are not valid")
    return parameters


def digest_response(
    algorithm: str, username: str, realm: str, password: str, method: str, uri: str, nonce: str, **qop: str
) -> str:
    """Return the `response` parameter (RFC 7616 section 3.4.1); `qop` holds qop, nc and cnonce, or nothing."""
    name = algorithm.upper().removesuffix("-SESS")
    secret = ALGORITHMS[name](f"{username}:{realm}:{password}".encode())
    if algorithm.upper().endswith("-SESS"):
        secret = ALGORITHMS[name](f"{secret}:{nonce}:{qop.get('cnonce', '')}".encode())
    action = ALGORITHMS[name](f"{method}:{uri}".encode())
    middle = f"{nonce}:{qop['nc']}:{qop['cnonce']}:{qop['qop']}" if qop.get("qop") else nonce
    return ALGORITHMS[name](f"{secret}:{middle}:{action}".encode())


@dataclass
class DigestClient:
    """Answers a peer's challenges; the nonce count goes up with every use of a nonce (RFC 7616 section 3.4)."""

    username: str
    password: str
    cnonce: Callable[[], str]
    _counts: dict[str, int] = field(default_factory=dict)

    def authorize(self, request: Request, response: Response) -> bool:
        """Put credentials for the strongest challenge of a 401 or 407 into a request; False when there is none."""
        asked, answer = (
            ("WWW-Authenticate", "Authorization")
            if response.status == 401
            else ("Proxy-Authenticate", "Proxy-Authorization")
        )
        challenge = _strongest(response.headers.getlist(asked))
        if challenge is None:
            return False
        request.headers.set(answer, self._credentials(challenge, request.method, request.uri))
        return True

    def _credentials(self, challenge: Mapping[str, str], method: str, uri: str) -> str:
        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
        algorithm = challenge.get("algorithm", "MD5")
        offers = [each.strip() for each in challenge.get("qop", "").lower().split(",")]
        qop: dict[str, str] = {}
        if "auth" in offers:
            self._counts = {nonce: self._counts.get(nonce, 0) + 1}  # an older nonce is not used again
            qop = {"qop": "auth", "nc": f"{self._counts[nonce]:08x}", "cnonce": self.cnonce()}
        elif algorithm.lower().endswith("-sess"):
            qop = {"cnonce": self.cnonce()}
        digest = digest_response(algorithm, self.username, realm, self.password, method, uri, nonce, **qop)
        parts = [("username", self.username), ("realm", realm), ("nonce", nonce), ("uri", uri), ("response", digest)]
        text = [f"{name}={quote(value)}" for name, value in parts]
        if "algorithm" in challenge:
            text.append(f"algorithm={algorithm}")
        if "opaque" in challenge:
            text.append(f"opaque={quote(challenge['opaque'])}")
        text += [f"{name}={quote(value) if name == 'cnonce' else value}" for name, value in qop.items()]
        return "Digest " + ", ".join(text)


class DigestServer:
    """Asks callers for a password. Nonces carry their time and our seal, so that asking costs no memory."""

    def __init__(self, realm: str, secret: bytes) -> None:
        self._realm = realm
        self._secret = secret
        self._counts: dict[str, int] = {}

    def challenges(self, now: float, *, stale: bool = False) -> list[str]:
        """Return WWW-Authenticate's values, the stronger first (RFC 8760 section 2.1)."""
        tail = ", stale=true" if stale else ""
        nonce = self._nonce(now)
        return [
            f'Digest realm={quote(self._realm)}, nonce="{nonce}", algorithm={name}, qop="auth"{tail}'
            for name in ("SHA-256", "MD5")
        ]

    def verified(self, request: Request, passwords: Mapping[str, str], now: float) -> bool:
        """Whether a request carries the right answer to a nonce of ours that is neither old nor replayed."""
        try:
            given = self._given(request)
        except ValueError:
            return False
        algorithm = given.get("algorithm", "MD5").upper()
        password = passwords.get(given.get("username", ""))
        if password is None or algorithm.removesuffix("-SESS") not in ALGORITHMS:
            return False
        if given.get("realm") != self._realm or not self._fresh(given.get("nonce", ""), now):
            return False
        if given.get("uri") != request.uri or given.get("qop", "auth").lower() != "auth":
            return False
        qop = {name: given.get(name, "") for name in ("qop", "nc", "cnonce")} if "qop" in given else {}
        expected = digest_response(
            algorithm, given["username"], self._realm, password, request.method, given["uri"], given["nonce"], **qop
        )
        return hmac.compare_digest(expected, given.get("response", "").lower()) and self._counted(given)

    def is_stale(self, request: Request, now: float) -> bool:
        """Whether a request answers a nonce of ours that is only too old."""
        try:
            nonce = self._given(request).get("nonce", "")
        except ValueError:
            return False
        return self._sealed(nonce) and not self._fresh(nonce, now)

    def _given(self, request: Request) -> dict[str, str]:
        for value in request.headers.getlist("Authorization"):
            return parse_digest(value)
        raise ValueError("Authorization is missing")

    def _counted(self, given: Mapping[str, str]) -> bool:
        if "qop" not in given:
            return True
        try:
            count = int(given.get("nc", ""), 16)
        except ValueError:
            return False
        if count <= self._counts.get(given["nonce"], 0):
            return False
        if len(self._counts) >= MOST_NONCES:
            self._counts.pop(next(iter(self._counts)))
        self._counts[given["nonce"]] = count
        return True

    def _nonce(self, now: float) -> str:
        moment = f"{int(now):x}"
        return f"{moment}.{self._seal(moment)}"

    def _seal(self, moment: str) -> str:
        return hmac.new(self._secret, moment.encode(), hashlib.sha256).hexdigest()[:32]

    def _sealed(self, nonce: str) -> bool:
        moment, _, seal = nonce.partition(".")
        return hmac.compare_digest(self._seal(moment).encode(), seal.encode("utf-8", "surrogateescape"))

    def _fresh(self, nonce: str, now: float) -> bool:
        return self._sealed(nonce) and 0 <= now - int(nonce.partition(".")[0], 16) + 1 <= NONCE_LIFE


def _strongest(values: list[str]) -> dict[str, str] | None:
    known: dict[str, dict[str, str]] = {}
    for value in values:
        try:
            challenge = parse_digest(value)
        except ValueError:
            continue
        name = challenge.get("algorithm", "MD5").upper().removesuffix("-SESS")
        qops = [each.strip() for each in challenge.get("qop", "auth").lower().split(",")]
        if name in ALGORITHMS and "auth" in qops:
            known.setdefault(name, challenge)
    return next((known[name] for name in STRONGEST if name in known), None)
