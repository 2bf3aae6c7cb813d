"""`hotline doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline.commands import settings


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False) -> None:
    """Check everything the service needs; each finding comes with its remedy. Ends with 1 when something is wrong."""
    import json
    from dataclasses import asdict

    from hotline.doctor import examine

    wrong = 0
    for check in examine(settings()):
        wrong += not check.good
        if as_json:
            print(json.dumps(asdict(check), ensure_ascii=False), flush=True)
            continue
        print(f"{'good ' if check.good else 'WRONG'}  {check.name}: {check.found}", flush=True)
        if not check.good and check.remedy:
            print(f"       {check.remedy}", flush=True)
    if wrong:
        raise SystemExit(1)
