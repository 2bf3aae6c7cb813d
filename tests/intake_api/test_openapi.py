"""The API keeps what its description promises, whatever it is sent."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.settings import Settings
from intake_api.app import create_app
from intake_api.problems import KINDS
from intake_api.wire.call import CallOut, UtteranceOut
from intake_api.wire.draft import DraftOut
from intake_api.wire.examples import CALL, DRAFT, TICKET, UTTERANCE
from intake_api.wire.ticket import TicketOut
from models.database import open_database
from tests.intake_api.conftest import add_call, add_draft, bearer

FEW = examples(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"Enough for every kind of wrong value, few enough for the test command; derandomized, so that a failure stays one."


@pytest.fixture(scope="module")
def prepared(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    """Settings of a database with a draft, and the headers of an administrator's token."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("openapi"))
    shutil.copy(empty_database, settings.data_dir / "hotline.sqlite3")
    database = open_database(settings.database_url)
    add_draft(database, add_call(database))
    headers = bearer(database, "admin")
    database.dispose()
    return settings, headers


@pytest.fixture(scope="module")
def described(prepared: tuple[Settings, dict[str, str]]) -> Any:
    """The API by its own description; streams that never end are left out."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(prepared[0]))
    return schema.exclude(path_regex="/events$|/audio/live$")


def test_whatever_is_sent_the_answer_is_one_that_is_described(
    described: Any, prepared: tuple[Settings, dict[str, str]], subtests: pytest.Subtests
) -> None:
    # What a cursor or a good password is, a schema cannot say: valid data may be refused with 422.
    for result in described.get_all_operations():
        operation = result.ok()

        @FEW
        @given(case=operation.as_strategy())
        def every_case_is_answered_as_described(case: Any) -> None:
            case.call_and_validate(headers=prepared[1], excluded_checks=[positive_data_acceptance])

        with subtests.test(operation.label):
            every_case_is_answered_as_described()


def test_every_operation_is_described_for_people(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert operation["x-right"], (method, path)
            assert operation["description"].split("\n\n")[0].endswith("."), (method, path)
            content = operation["responses"]["401"]["content"]
            assert set(content) == {"application/problem+json"}, (method, path)


def test_every_example_is_whole_and_true_to_its_model() -> None:
    shown = ((CallOut, CALL), (UtteranceOut, UTTERANCE), (DraftOut, DRAFT), (TicketOut, TICKET))
    for model, example in shown:
        assert set(example) == set(model.model_fields), model.__name__
        assert model.model_validate(example)
        assert example in model.model_json_schema()["examples"]


def test_the_page_about_the_api_needs_nothing_from_elsewhere(nobody: TestClient) -> None:
    page = nobody.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"https?://(?!127)", page.text)
    assert "<script" not in page.text
    assert "/api/v1/drafts/{draft_id}/confirm" in page.text
    for kind in KINDS:
        assert f'id="{kind}"' in page.text


def test_every_kind_of_problem_that_is_answered_is_on_that_page() -> None:
    room = Path(__file__).parents[2] / "intake_api"
    sources = [path.read_text(encoding="utf-8") for path in room.rglob("*.py")]
    used = {kind for text in sources for kind in re.findall(r'Problem\(\s*\d{3},\s*"([a-z-]+)"', text)}
    assert used
    assert used <= set(KINDS)
