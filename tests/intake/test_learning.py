"""Models are learnt from confirmed tickets, compared, and put to use by a person only."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config.city import City, city_folder, load_city
from drafting.linear_model import model_at
from hotline.learning import FEWEST_TICKETS, TooFew, candidate_path, learn, put_to_use
from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.editing import edit_draft
from models.database import Database
from models.tables import Draft
from tests.spool_calls import NOON

pytest.importorskip("sklearn", reason="missing: scikit-learn (the ml extra)")

MakeDraft = Callable[..., Draft]
ODD = "村口大喇叭整宿放戏"
"A matter that the city's examples do not know, and operators file under noise."


@pytest.fixture
def own_city(tmp_path: Path) -> City:
    """A city of one's own with few examples, so that training takes a second."""
    folder = Path(shutil.copytree(city_folder("linyi"), tmp_path / "city"))
    for name in ("examples.csv", "emergency_examples.csv"):
        rows = list(csv.reader((folder / name).open(encoding="utf-8")))
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([rows[0], *rows[1::25]])
    for name in ("categories.toml", "types.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub(r"^words = .*$", "words = []", text, flags=re.M), encoding="utf-8")
    return load_city(folder)


def confirmed(database: Database, ready_draft: MakeDraft, words: str) -> None:
    draft = claim_draft(database, ready_draft(words, "我叫张秀英").id, "li", at=NOON)
    values = {"category_level_1": "生态环境", "category_level_2": "噪声", "type": "complaint", "content": words}
    draft = edit_draft(database, draft.id, "li", draft.version, values, at=NOON)
    confirm_draft(database, draft.id, "li", draft.version, at=NOON)


def test_candidates_are_learnt_compared_and_switched_by_a_person(
    database: Database, ready_draft: MakeDraft, own_city: City
) -> None:
    for count in range(FEWEST_TICKETS):
        confirmed(database, ready_draft, f"{ODD}第{count}天了")
    before = own_city.category_model_path.read_bytes()
    learnt = {one.name: one for one in learn(own_city, database, date(2026, 11, 24))}
    assert set(learnt) == {"category", "type", "emergency"}
    compared = learnt["category"].comparison
    assert compared.held_out == FEWEST_TICKETS // 5
    assert compared.in_use is not None
    assert compared.new == 1.0 >= compared.in_use
    assert own_city.category_model_path.read_bytes() == before
    candidate = model_at(candidate_path(own_city.category_model_path))
    assert candidate is not None
    assert "张秀" not in candidate.vocabulary
    assert "大喇叭" in candidate.vocabulary

    assert put_to_use(own_city) == [one.path for one in learnt.values()]
    in_use = model_at(own_city.category_model_path)
    assert in_use is not None
    probabilities = in_use.probabilities(ODD)
    assert max(probabilities, key=probabilities.__getitem__) == "生态环境/噪声"
    assert own_city.category_model_path.with_name("category_model.before.npz").read_bytes() == before
    assert put_to_use(own_city) == []


def test_too_few_tickets_are_said_to_be_too_few(database: Database, own_city: City) -> None:
    with pytest.raises(TooFew, match=f"There are 0 confirmed tickets with words; training asks for {FEWEST_TICKETS}"):
        learn(own_city, database, date(2026, 11, 24))
