"""Cases: what the city's case store holds."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from delivery.case_store import StoreUnavailable
from intake_api.needs import ServiceNeeded
from intake_api.problems import Problem, not_found
from intake_api.security.actors import Reader
from intake_api.wire.ticket import CaseOut, masked_case

router = APIRouter(prefix="/cases", tags=["cases"])


@router.get("/{case_id}", response_model=CaseOut)
def get_case(case_id: Annotated[str, Path(max_length=200)], service: ServiceNeeded, actor: Reader) -> dict[str, Any]:
    """One case, asked of the store at this moment."""
    try:
        found = service.cases.case(case_id)
    except StoreUnavailable:
        raise store_away() from None
    if found is None:
        raise not_found("case", "工单")
    case = {"case_id": case_id, **found}
    return case if actor.sees_numbers else masked_case(case)


def store_away() -> Problem:
    """The case store does not answer."""
    sentence = "The case store is away; tickets wait and are delivered when it is back."
    headers = {"Retry-After": "10"}
    return Problem(503, "store-away", sentence, "工单系统暂不可用，恢复后自动派送。", headers=headers)
