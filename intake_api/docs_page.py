"""A page about the API, made from its description; it needs no script and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from intake_api.problems import KINDS

router = APIRouter()

TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)


@router.get("/api/v1/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Every operation with its parameters, and every kind of problem."""
    description = request.app.openapi()
    operations = [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    template = TEMPLATES.get_template("docs_page.html")
    page = template.render(info=description["info"], operations=operations, kinds=KINDS, nonce=request.state.csp_nonce)
    return HTMLResponse(page)
