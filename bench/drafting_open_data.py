"""Measures drafting on data that may not be committed: citizens' messages, spoken-to-written pairs, addresses.

Give the folder that holds them; nothing of them is trained on, shipped or written into the results.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from config.city import load_city
from drafting.addresses import find_parts
from drafting.categories import rank_categories
from drafting.normalising import written

RESULTS = Path(__file__).parent / "results" / "drafting_open_data.json"
OURS = {
    "劳动和社会保障": {"劳动社保", "退役军人", "民政救助", "医疗健康/医保报销"},
    "教育文体": {"教育文体"},
    "商贸旅游": {"市场监管", "教育文体/文旅", "城乡建设/物业管理", "电力通信邮政/宽带资费"},
    "卫生计生": {"医疗健康"},
    "环境保护": {"生态环境"},
    "交通运输": {"交通运输", "电力通信邮政/快递"},
    "城乡建设": {
        "城乡建设",
        "自然资源",
        "农业农村",
        "公共安全",
        "政务服务",
        "金融税务公积金",
        "司法信访",
        "电力通信邮政",
        "其他",
    },
}
"""Their seven labels: our categories that count as right. Theirs puts health insurance under labour, and lifts,
property management and tourism under trade; land, villages and everything without a label of its own under building."""


def citizens(path: Path) -> dict[str, object]:
    """Return level-1 accuracy, strict (our level 1 with most probability) and among the first three."""
    city = load_city("linyi")
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    right, top_3, total = Counter[str](), 0, Counter[str]()
    for row in rows:
        first = [choice.category for choice in rank_categories(row["text"], city)[:3]]
        fits = [{one.level_1, "/".join(one.key)} & OURS[row["category"]] for one in first]
        total[row["category"]] += 1
        right[row["category"]] += bool(fits[0])
        top_3 += any(fits)
    by_label = {label: round(right[label] / total[label], 3) for label in total}
    return {
        "messages": len(rows),
        "top_1": round(right.total() / len(rows), 4),
        "top_3": round(top_3 / len(rows), 4),
        **by_label,
    }


def pairs(path: Path) -> dict[str, object]:
    """Return accuracy as written, and where only the convention of dates, units and money differs."""
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    exact = sum(written(row["spoken"]).replace(" ", "") == row["written"].replace(" ", "") for row in rows)
    alike = sum(_plain(written(row["spoken"])) == _plain(row["written"]) for row in rows)
    return {"pairs": len(rows), "exact": round(exact / len(rows), 4), "same_numbers": round(alike / len(rows), 4)}


def _plain(text: str) -> list[str]:
    """The numbers of a text in order, leading zeros and signs of convention left out."""
    widened = re.sub(r"(\d)-(\d)", r"\1~\2", text)
    return [number.lstrip("0") or "0" for number in re.findall(r"\d+(?:\.\d+)?", widened)]


def addresses(path: Path) -> dict[str, object]:
    """Return the share of labelled roads and house numbers that are found whole."""
    found, total = Counter[str](), Counter[str]()
    kinds = {
        "road": "road",
        "roadno": "number",
        "houseno": "number",
        "roomno": "number",
        "floorno": "number",
        "poi": "estate",
    }
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        known = [
            (one["start"], one["end"])
            for one in record["entities"]
            if one["label"] in ("prov", "city", "district", "town", "community")
        ]
        spans = {(part.start, part.end) for part in find_parts(record["text"].lower(), known)}
        for one in record["entities"]:
            if one["label"] in kinds:
                total[one["label"]] += 1
                found[one["label"]] += (one["start"], one["end"]) in spans
    return {"addresses": 800, **{label: round(found[label] / total[label], 3) for label in sorted(total)}}


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "citizens": citizens(folder / "citizen_messages_dev.csv"),
        "spoken_to_written": pairs(folder / "itn_zh_dev.csv"),
        "addresses": addresses(folder / "addresses_dev.jsonl"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1, ensure_ascii=False))
