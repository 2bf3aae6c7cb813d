"""A GeoReport v2 server for tests: real HTTP, with the moods that a city's server has."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, dict[str, str], Any]
Mood = Callable[["Open311Server", dict[str, str]], Answer | None]


class Open311Server:
    """Keeps requests by ticket number; `moods` are used up first, one for each POST."""

    def __init__(self) -> None:
        self.requests: dict[str, dict[str, str]] = {}
        self.posts: list[dict[str, str]] = []
        self.keys: list[str] = []
        self.moods: list[Mood] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                owner.posts.append(form)
                owner.keys.append(self.headers.get("Idempotency-Key", ""))
                mood = owner.moods.pop(0) if owner.moods else None
                answer = mood(owner, form) if mood else owner.take(form)
                if answer is None:
                    self.close_connection = True  # accepted, and gone before it could say so
                    return
                self.answer(*answer)

            def do_GET(self) -> None:
                place = urlsplit(self.path)
                name = unquote(place.path.rsplit("/", 1)[-1].removesuffix(".json"))
                found = owner.requests.get(name)
                if name == "requests":
                    wanted = parse_qs(place.query).get("service_request_id", [""])[0]
                    found = next((r for r in owner.requests.values() if r["attribute[ticket_no]"] == wanted), None)
                self.answer(200 if found else 404, {}, [found] if found else [])

            def answer(self, status: int, headers: dict[str, str], body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/open311/v2"

    def take(self, form: dict[str, str]) -> Answer:
        """Accept a request, or say 409 with the one that is known."""
        number = form["attribute[ticket_no]"]
        known = next((r for r in self.requests.values() if r["attribute[ticket_no]"] == number), None)
        if known:
            return (
                409,
                {},
                [{"code": 409, "description": "duplicate", "service_request_id": known["service_request_id"]}],
            )
        case_id = f"SR-{len(self.requests) + 1}"
        self.requests[case_id] = {**form, "service_request_id": case_id}
        return 201, {}, [{"service_request_id": case_id}]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def refuses(status: int, description: str, **headers: str) -> Mood:
    """Answer with a status and a reason."""
    return lambda _server, _form: (status, headers, [{"code": status, "description": description}])


def dies_after_accepting(server: Open311Server, form: dict[str, str]) -> Answer | None:
    """Keep the request and close the connection without a word."""
    server.take(form)
    return None
