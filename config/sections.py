"""The sections of the settings: what can be set, its default, and a sentence that the README repeats."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _split_address(value: Any) -> Any:
    if isinstance(value, int):
        value = str(value)  # `5060` alone, which JSON reads as a number
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError("an address is HOST:PORT, for example 127.0.0.1:5060")
    return {"host": host.strip("[]"), "port": int(port)}


def split_list(value: Any) -> Any:
    """A list in the environment is divided by commas or spaces."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _split_range(value: Any) -> Any:
    return tuple(value.replace("-", ",").split(",")) if isinstance(value, str) else value


class Part(BaseModel):
    """A section of the settings: fixed once read, and an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Address(Part):
    """A host and port to listen on."""

    host: str
    port: Annotated[int, Field(ge=0, le=65535)]

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Listen = Annotated[Address, BeforeValidator(_split_address)]
Network = IPv4Network | IPv6Network
PRIVATE_NETWORKS = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"]


class Trunk(Part):
    """A PBX or carrier line that we register with, or that may call us with a password."""

    name: str
    registrar: str
    "SIP URI of the registrar, for example `sip:pbx.example:5060;transport=tcp`."
    username: str
    password: SecretStr = SecretStr("")
    outbound_proxy: str | None = None
    expires: int = 600


class TelephonySettings(Part):
    """How calls come in."""

    engine: Literal["asyncio", "pyvoip"] = "asyncio"
    "`asyncio` is ours; `pyvoip` for a trusted PBX on the same host (docs/supported-sip.md)."
    bind: Listen = Address(host="127.0.0.1", port=5060)
    "Where SIP is heard, UDP and TCP."
    tls_bind: Listen | None = None
    "Where SIP over TLS is heard; needs the certificate and its key (PEM)."
    tls_certificate: Path | None = None
    "PEM file with the certificate and its chain."
    tls_private_key: Path | None = None
    "PEM file with the private key."
    tls_authorities: Path | None = None
    "PEM file of who vouches for the trunks we connect to by TLS; by default whom the system trusts."
    advertised_address: str | None = None
    "The address to put into Contact and SDP when a NAT stands in between."
    rtp_ports: Annotated[tuple[int, int], BeforeValidator(_split_range)] = (40000, 49999)
    "First and last UDP port for audio."
    ring_ms: Annotated[int, Field(ge=0, le=60000)] = 0
    "Time between 180 and 200."
    max_calls: Annotated[int, Field(ge=1, le=10000)] = 200
    "More callers than this are answered 503 with Retry-After."
    allow: Annotated[tuple[Network, ...], BeforeValidator(split_list)] = Field(
        default=tuple(PRIVATE_NETWORKS), validate_default=True
    )
    "Networks whose calls are admitted without a password."
    inbound_users: dict[str, SecretStr] = {}
    "User name -> password: callers from elsewhere are asked for these (digest); with none they are refused."
    requests_per_second: Annotated[int, Field(ge=1)] = 100
    "New requests outside a dialog accepted from one source each second."
    trunks: tuple[Trunk, ...] = ()
    "PBX or carrier lines to register with: name, registrar, username, password (docs/supported-sip.md)."
    drain_seconds: Annotated[float, Field(ge=0)] = 8.0
    "How long calls in progress may go on after SIGTERM; the whole service ends within 15 s."
    no_audio_seconds: float = 20.0
    "Silence on the line (no RTP at all) after which the caller is told that nothing is heard."
    codecs: Annotated[tuple[Literal["PCMA", "PCMU", "G722"], ...], BeforeValidator(split_list)] = (
        "PCMA",
        "PCMU",
        "G722",
    )
    "Codecs accepted, best first."


class CallflowSettings(Part):
    """What the caller meets."""

    greeting: bool = True
    "Whether the greeting with the recording notice is played."
    prompt_languages: Annotated[tuple[Literal["zh", "en"], ...], Field(min_length=1), BeforeValidator(split_list)] = (
        "zh",
        "en",
    )
    "The greeting is heard in each, in this order; other prompts in the first."
    max_call_seconds: Annotated[int, Field(ge=10)] = 3600 * 2
    "A call that lasts longer is ended with thanks; what was said is kept."
    dead_line_seconds: float = 600.0
    "A line still without any audio this long after the caller was told so is hung up."
    person_uri: str | None = None
    "Where key 0 transfers to; without it key 0 is recorded as a wish to speak with a person."


class AsrSettings(Part):
    """How speech is heard."""

    model: str = "bundled"
    "A name known to `hotline models list`, or a folder."
    threads: Annotated[int, Field(ge=1)] = Field(default_factory=lambda: max(1, os.cpu_count() or 1))
    "Decoder threads."
    partial_interval_ms: Annotated[int, Field(ge=50)] = 200
    "How often words that may still change are sent to the consoles, at most."
    longest_utterance_seconds: float = 30.0
    "Speech without a pause is cut here, between words."


class WebSettings(Part):
    """Where the console and the API are served."""

    bind: Listen = Address(host="127.0.0.1", port=12345)
    "Where the console and the API are heard, HTTP."
    public_url: str | None = None
    "The address browsers use, when a proxy stands in front; cookies are `Secure` when it is https."
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(split_list)] = ()
    "Addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."
    session_hours: float = 12.0
    "How long a sign-in lasts."
    lease_seconds: int = 900
    "How long a claimed draft stays claimed without a sign of life."
    largest_body_bytes: int = 1_000_000
    "Larger requests are answered 413."


class DatabaseSettings(Part):
    """Where drafts and tickets are kept."""

    url: SecretStr | None = None
    "SQLAlchemy URL; by default SQLite in the data folder, or `postgresql+psycopg://...`."


class DeliverySettings(Part):
    """Where confirmed tickets go."""

    store: Literal["sql", "open311"] = "sql"
    "`sql`: a table in SQLite or PostgreSQL; `open311`: GeoReport v2 over HTTP."
    url: SecretStr | None = None
    "SQL: a database URL (default: SQLite in the data folder). Open311: the endpoint."
    api_key: SecretStr | None = None
    "Open311: the key that the endpoint asks for."
    first_retry_seconds: float = 1.0
    "Pause after the first failed delivery; it doubles each time."
    longest_retry_seconds: float = 300.0
    "The longest pause between tries."
    attempts_before_parking: int = 300
    "After so many tries a delivery is parked until a person resends it."
    timeout_seconds: float = 10.0
    "How long the case store may take to answer."


class StorageSettings(Part):
    """Disk limits and retention."""

    low_disk_bytes: int = 2_000_000_000
    "Below this `/readyz` and the console warn."
    full_disk_bytes: int = 20_000_000
    "Below this calls are answered with an apology and are not recorded."
    keep_spool_days: int = 7
    "Days that the folder of a finished call stays in the spool."
    keep_recordings_days: int = 365
    "Days that a finished recording is kept."
    recordings_url: str | None = None
    "Where finished recordings are kept: `s3://bucket/prefix` (needs the `s3` extra), by default the data folder."
