"""`/healthz`: this process answers. `/readyz`: each part of the service, in a plain sentence.

Both are open to everybody: load balancers and container supervisors ask without a password, and nothing here names a
caller, a host or a file.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from config.settings import Settings
from intake_api.needs import Now, Service, ServiceNeeded
from intake_api.status_files import FRESH, age_of, read_status
from models.states import DeliveryState
from models.tables import OutboxEntry

router = APIRouter()

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Check:
    """One part: `ok`, `warning` (works, needs attention) or `failed` (does not do its work)."""

    name: str
    state: State
    detail: str
    detail_zh: str


@router.get("/healthz", include_in_schema=False)
def healthz() -> dict[str, str]:
    """Answers as long as this process does."""
    return {"status": "ok"}


@router.get("/readyz", include_in_schema=False)
def readyz(service: ServiceNeeded, now: Now) -> JSONResponse:
    """200 when every part works, 503 when one does not; warnings stay 200 and are said."""
    found = checks(service, now)
    failed = any(check.state == "failed" for check in found)
    warned = any(check.state == "warning" for check in found)
    content = {
        "status": "failed" if failed else "warning" if warned else "ok",
        "checks": [asdict(check) for check in found],
    }
    return JSONResponse(content, 503 if failed else 200, {"Cache-Control": "no-store"})


def checks(service: Service, now: datetime) -> list[Check]:
    """Return every check; none of them raises."""
    settings = service.settings
    return [
        database_check(service),
        disk_check(settings, free_bytes(settings)),
        process_check(settings, "calls", "Calls", "来电接听", now),
        process_check(settings, "recogniser", "The recogniser", "语音识别", now),
        process_check(settings, "deliver", "Ingest and delivery", "工单生成与派送", now),
        deliveries_check(service),
    ]


def database_check(service: Service) -> Check:
    """Whether the database answers."""
    try:
        with service.database.reading() as db:
            db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        sentence = "The database is away; calls are answered and recorded, drafts appear when it is back."
        return Check("database", "failed", sentence, "数据库不可用：来电照常接听和录音，恢复后生成工单草稿。")
    return Check("database", "ok", "The database answers.", "数据库正常。")


def free_bytes(settings: Settings) -> int | None:
    """Return the free space where calls are recorded; None when there is no such place."""
    try:
        return shutil.disk_usage(settings.data_dir).free
    except OSError:
        return None


def disk_check(settings: Settings, free: int | None) -> Check:
    """Whether calls can be recorded, and for how long."""
    if free is None:
        return Check("disk", "failed", "The data folder cannot be read.", "数据目录无法读取。")
    size = f"{free / 1e9:.1f} GB"
    if free < settings.storage.full_disk_bytes:
        sentence = f"The disk is full ({size} free): callers hear an apology and are not recorded."
        return Check("disk", "failed", sentence, f"磁盘已满（剩余 {size}）：来电将听到致歉语音，无法录音。")
    if free < settings.storage.low_disk_bytes:
        sentence = f"The disk is nearly full ({size} free): make room soon."
        return Check("disk", "warning", sentence, f"磁盘空间不足（剩余 {size}），请尽快清理。")
    return Check("disk", "ok", f"There is room for recordings ({size} free).", f"录音空间充足（剩余 {size}）。")


def process_check(settings: Settings, name: str, word: str, word_zh: str, now: datetime) -> Check:
    """Whether a process has told of itself lately."""
    if name not in settings.roles:
        return Check(name, "ok", f"{word}: another machine's work.", f"{word_zh}由其他机器承担。")
    age = age_of(read_status(settings, name), now)
    if age is None:
        sentence = f"{word}: the process has not started on this machine."
        return Check(name, "failed", sentence, f"{word_zh}进程尚未在本机启动。")
    if age > FRESH:
        seconds = int(age.total_seconds())
        sentence = f"{word}: no sign of life for {seconds} s."
        return Check(name, "failed", sentence, f"{word_zh}进程已 {seconds} 秒无响应。")
    return Check(name, "ok", f"{word}: the process works.", f"{word_zh}进程正常。")


def deliveries_check(service: Service) -> Check:
    """Whether tickets were refused by the case store and wait for a person."""
    parked_rows = select(func.count()).where(col(OutboxEntry.state) == DeliveryState.PARKED)
    try:
        with service.database.reading() as db:
            parked = db.exec(parked_rows).one()
    except SQLAlchemyError:
        return Check("deliveries", "failed", "Deliveries cannot be looked up.", "无法查询派送情况。")
    if parked:
        sentence = f"{parked} ticket(s) could not be delivered and wait for a supervisor."
        return Check("deliveries", "warning", sentence, f"{parked} 张工单派送失败，等待督导处理。")
    return Check("deliveries", "ok", "No delivery waits for a person.", "没有待人工处理的派送。")
