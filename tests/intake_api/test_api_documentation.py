"""docs/api.md tells the truth: what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import FastAPI

from tests.intake_api.test_rights import routes_of

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
PLACES = {"CALL": "call_id", "DRAFT": "draft_id", "TICKET": "ticket_id", "CASE": "case_id"}


def test_every_address_in_an_example_is_served(app: FastAPI) -> None:
    served = {route.name for route in routes_of(app)}
    examples = re.findall(r"curl (.*?)\n", TEXT.replace("\\\n", ""))
    assert len(examples) == 8
    for example in examples:
        method = (re.search(r"-X (\w+)", example) or ["", "GET"])[1]
        path = re.search(r'"\$A(/[^"?]*)', example)
        assert path is not None
        filled = re.sub(r"\$(\w+)", lambda name: f"{{{PLACES[name[1]]}}}", path[1])
        assert f"{method} /api/v1{filled}" in served, example


def test_every_filter_that_is_named_is_one(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for name, query in re.findall(r"`(\w+)\?([\w=&]+)`", TEXT):
        known = {parameter["name"] for parameter in paths[f"/api/v1/{name}"]["get"]["parameters"]}
        assert set(re.findall(r"(\w+)=", query)) <= known, name
