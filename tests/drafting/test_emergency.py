"""An emergency is heard in one utterance; what is past, settled, feared, denied or only spoken about is none."""

from __future__ import annotations

import csv

import pytest

from config.city import load_city
from drafting.draft import Heard
from drafting.emergency import find_alarms
from drafting.transcript import transcribe
from tests.drafting.scoring import CORPUS

LINYI = load_city("linyi")
SENTENCES = list(csv.DictReader((CORPUS / "emergencies.csv").open(encoding="utf-8")))
EXAMPLES = list(csv.DictReader(LINYI.examples_path.open(encoding="utf-8")))


def transferred_to(said: str) -> list[str]:
    alarms = find_alarms(transcribe([Heard(0, said)]), LINYI)
    return [alarm.emergency.number for alarm in alarms if alarm.is_live and alarm.emergency.mode == "transfer"]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["said"])
def test_an_emergency_is_told_from_talk_of_one(sentence: dict[str, str]) -> None:
    assert bool(transferred_to(sentence["said"])) == (sentence["is_emergency"] == "yes")


def test_what_no_rule_knows_the_model_may_hear() -> None:
    alarms = find_alarms(transcribe([Heard(0, "喂你好"), Heard(1, "老天爷快来人有个大人栽水库里没冒头")]), LINYI)
    first = alarms[0]
    assert (first.emergency.number, first.is_live, first.is_learnt) == ("119", True, True)


def test_everyday_matters_raise_no_alarm() -> None:
    assert [row["text"] for row in EXAMPLES if transferred_to(row["text"])] == []


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("家里着火了", "119"),
        ("天然气管道挖断了呲呲往外冒", "119"),
        ("老人昏过去了没有呼吸", "120"),
        ("有人拿刀要砍我", "110"),
        ("我不想活了", "110"),
        ("两辆车撞了堵了半条路", "122"),
        ("出车祸了有人受伤流血", "120"),
    ],
)
def test_the_right_number_is_first(said: str, number: str) -> None:
    assert transferred_to(said)[0] == number
