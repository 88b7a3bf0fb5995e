"""Labelled name pairs through rapidfuzz, nomenklatura and meridian, in one run. See README.md."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

FILES = ["name_pairs", "cross_script_un", "cross_script_wikidata"]


def f1(scored, line):
    right = sum(1 for score, truth in scored if score >= line and truth)
    wrong = sum(1 for score, truth in scored if score >= line and not truth)
    missed = sum(1 for score, truth in scored if score < line and truth)
    return 2 * right / max(1, 2 * right + wrong + missed)


def auc(scored):
    ranked = sorted(scored, key=lambda pair: pair[0])
    ranks, at = {}, 0
    total = 0.0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        rank = (at + 1 + end) / 2
        total += rank * sum(1 for pair in ranked[at:end] if pair[1])
        at = end
    positives = sum(1 for pair in scored if pair[1])
    negatives = len(scored) - positives
    return (total - positives * (positives + 1) / 2) / max(1, positives * negatives)


def tell(who, name, scored, seconds, line=None):
    lines = sorted({score for score, _ in scored})
    best = line if line is not None else max(lines, key=lambda one: f1(scored, one))
    micros = seconds * 1e6 / len(scored)
    fixed = "fixed" if line is not None else "best on these labels"
    print(f"{name:24} {who:28} F1 {f1(scored, best):.3f} ({fixed}) AUC {auc(scored):.3f} {micros:9.1f} us/pair")


def rapidfuzz(rows):
    from anyascii import anyascii
    from rapidfuzz import fuzz

    def clean(text):
        return "".join(c if c.isalnum() else " " for c in anyascii(text).lower())

    for label, scorer in [("token_sort_ratio", fuzz.token_sort_ratio), ("WRatio", fuzz.WRatio)]:
        start = time.process_time()
        scored = [(scorer(clean(row["query"]), clean(row["target"])), row["is_match"] == "true") for row in rows]
        yield f"rapidfuzz {label}", scored, time.process_time() - start


def nomenklatura(rows):
    from followthemoney import model
    from nomenklatura.matching import get_algorithm
    from nomenklatura.matching.types import ScoringConfig

    algorithm = get_algorithm("logic-v2")
    config = ScoringConfig.defaults()

    def entity(schema, name, number):
        proxy = model.make_entity(schema if schema in model.schemata else "LegalEntity")
        proxy.id = f"n{number}"
        proxy.add("name", name)
        return proxy

    start = time.process_time()
    scored = []
    for number, row in enumerate(rows):
        schema = row.get("schema") or "Person"
        query, target = entity(schema, row["query"], number), entity(schema, row["target"], -number - 1)
        scored.append((algorithm.compare(query, target, config).score, row["is_match"] == "true"))
    yield "nomenklatura logic-v2", scored, time.process_time() - start


def listed_names(data):
    with open(data / "lists" / "universe.tsv", encoding="utf-8") as file:
        return [line.split("\t")[2] for line in file]


def over_the_index(data, meridian):
    """A name against 39,500 listed ones: ours by its bench, rapidfuzz by a scan of all, both in processor time."""
    environment = {**os.environ, "MERIDIAN_TEST_DATA": str(data.parent)}
    command = [meridian, "bench", "screening", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    for figure in json.loads(told.stdout)["figures"]:
        if "index" in figure["what"] or "names a second" in figure["what"]:
            print(f"meridian: {figure['what']} {figure['value']:.3f} {figure['unit']}")
    names = listed_names(data)
    with open(data / "negatives" / "negatives_global.csv", encoding="utf-8") as file:
        queries = [row[0] for row in list(csv.reader(file))[1:20_001:100]]
    try:
        from anyascii import anyascii
        from rapidfuzz import fuzz, process
    except ImportError as missing:
        print(f"rapidfuzz over the index: left out, {missing}")
        return
    clean = [anyascii(name).lower() for name in names]
    for scorer in (fuzz.token_sort_ratio, fuzz.WRatio):
        spent = []
        for query in queries:
            start = time.process_time()
            process.extract(anyascii(query).lower(), clean, scorer=scorer, limit=20)
            spent.append(time.process_time() - start)
        spent.sort()
        median, last = spent[len(spent) // 2] * 1e3, spent[len(spent) * 99 // 100] * 1e3
        rate = len(spent) / sum(spent)
        print(
            f"rapidfuzz {scorer.__name__} over {len(names)} names, unexplained: "
            f"median {median:.2f} ms, p99 {last:.2f} ms, {rate:.0f} names/s"
        )


def main():
    data, meridian = Path(sys.argv[1]), sys.argv[2]
    over_the_index(data, meridian)
    for name in FILES:
        path = data / "pairs" / f"{name}.csv"
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        start = time.perf_counter()
        told = subprocess.run([meridian, "screen", "--pairs", path], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - start
        answers = [json.loads(line) for line in told.stdout.splitlines()]
        truth = [row["is_match"] == "true" for row in rows]
        scored = [(answer["score"], label) for answer, label in zip(answers, truth, strict=True)]
        line = min((answer["score"] for answer in answers if answer["match"]), default=1.0)
        tell("meridian (process start too)", name, scored, seconds, line)
        for rival in (rapidfuzz, nomenklatura):
            try:
                for who, scored, seconds in rival(rows):
                    tell(who, name, scored, seconds)
            except ImportError as missing:
                print(f"{name:24} {rival.__name__}: left out, {missing}")


if __name__ == "__main__":
    main()
