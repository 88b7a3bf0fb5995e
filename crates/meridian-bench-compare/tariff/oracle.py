"""An exact oracle over every n-th priced line, from the published table and notes alone."""
import csv
import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from shapes import FEE, RATES, VAT, lines, rate

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()


def day(text):
    found = re.match(r"\s*(\d+)[. ](\S+?)[. ](\d{4})", text)
    of_month, month, year = found.groups()
    return date(int(year), MONTHS.index(month) + 1 if month in MONTHS else int(month), int(of_month))


def notes(path):
    """note -> list of (rate, only territory, from, until, whether the beginning must be looked up)."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            text, rates = row["text_ru"].strip(" _."), []
            if not text.startswith("Примечание утратило силу"):
                # Clauses: the first `в размере`, and each later one with the comma before it.
                starts = [match.start() for match in re.finditer(", с [0-9.]+ – в размере|, в размере", text)]
                cuts = [0, *starts, len(text)]
                for begin, end in zip(cuts, cuts[1:]):
                    clause = text[begin:end]
                    before, after = clause.split("в размере ", 1)
                    words = re.split(" применяется| – | в отношении", after, maxsplit=1)[0].strip(" ,")
                    words = words.replace(" (ноль)", "").replace(" от таможенной стоимости", "")
                    scope = before + after[len(words):]
                    only = "RU" if "в Российскую Федерацию" in scope else None
                    ends = re.findall(r" по (\d+[. ]\S+[. ]\d{4})", scope)
                    act = re.search(r"с даты вступления в силу .*? от (\d+ \S+ \d{4})", scope)
                    begins = re.search(r"с (\d\d\.\d\d\.\d{4})", scope)
                    first = day(act.group(1)) if act else day(begins.group(1)) if begins else date.min
                    until = day(ends[-1]) + timedelta(1) if ends else date.max
                    rates.append((rate(words.replace("%", "").replace("  ", " ").strip().replace(" ,", ",")), only, first, until, bool(act)))
            found[row["note"]] = rates
    return found


def amount(tree, value, quantities):
    if isinstance(tree, tuple):
        if tree[0] == "pct":
            return value * tree[1] / 100
        return quantities[tree[3]] * tree[1] * RATES[tree[2]]
    parts = [amount(part, value, quantities) for part in tree[1:]]
    return {"min": min, "max": max, "sum": sum}[tree[0]](parts) if tree[0] != "sum" else sum(parts)


def kopecks(exact):
    """Half up."""
    doubled = exact * 200
    return (doubled.numerator // doubled.denominator + 1) // 2


def shown(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def main(tariff, notes_path, source, priced, every):
    known, changes = lines(tariff), notes(notes_path)
    checked = wrong = opened = 0
    with open(source, encoding="utf-8") as asked, open(priced, encoding="utf-8") as answered:
        pairs = zip(csv.DictReader(asked), csv.DictReader(answered), strict=True)
        for line, told in islice(pairs, 0, None, int(every)):
            tree, marks = known[line["code"]]
            when, is_open, candidates = date.fromisoformat(line["date"]), False, []
            for mark in marks:
                if mark not in changes:
                    is_open = True
                for new, only, first, until, unknown in changes.get(mark, []):
                    if (only is None or only == line["territory"]) and first <= when < until:
                        if unknown:
                            is_open = True
                        else:
                            candidates.append((only is not None, until != date.max, new))
            if candidates:
                tree = max(candidates, key=lambda one: one[:2])[2]
            value = Fraction(line["value"])
            quantities = {"kg": Fraction(line["net_kg"]), line["unit1"]: Fraction(line["qty1"])}
            duty = kopecks(amount(tree, value, quantities))
            base = kopecks(value) + duty
            vat = kopecks(Fraction(base, 100) * VAT / 100)
            total = duty + vat + kopecks(FEE)
            expected = (line["line"], shown(kopecks(value)), shown(duty), shown(vat), shown(kopecks(FEE)), shown(total), "open" if is_open else "ok")
            have = tuple(told[key] for key in ("line", "customs_value", "duty", "vat", "fee", "total", "status"))
            checked, opened = checked + 1, opened + is_open
            if have != expected:
                wrong += 1
                if wrong <= 10:
                    print("wrong:", line, told, expected, file=sys.stderr)
    print(f"{checked} lines checked, {opened} open, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:6]) else 0)
