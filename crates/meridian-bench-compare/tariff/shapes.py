"""The published table as the rival and the oracle read it; nothing of Meridian is used."""
import csv
import re
from fractions import Fraction

RATES = {"EUR": Fraction("92.1045"), "USD": Fraction("80.4025")}
VAT = Fraction(22)
FEE = Fraction("4269.00")
UNITS = {
    "кг": "kg", "л": "l", "шт": "pcs", "пару": "pairs", "м²": "m2", "м³": "m3", "см³ объема двигателя": "cm3",
}


def number(text):
    return Fraction(text.replace(",", "."))


def term(text):
    """('pct', rate) or ('per', euros or dollars for one unit, currency, unit)."""
    text = text.strip().rstrip(",").strip()
    money = re.fullmatch(r"([\d,]+) (евро|долл\w+ США) за (\d+) (.+)", text)
    if money:
        amount, name, per, unit = money.groups()
        return ("per", number(amount) / int(per), "EUR" if name == "евро" else "USD", UNITS[unit])
    return ("pct", number(re.fullmatch(r"([\d,]+)(?: ?%.*)?", text).group(1)))


def rate(text):
    """Nested lists: ['max', a, b], ['min', a, b], ['sum', a, b] or a term."""
    choice = re.fullmatch(r"(.+?), либо (.+), в зависимости от того, какая .* ниже", text)
    if choice:
        return ["min", rate(choice.group(1)), rate(choice.group(2))]
    if ", но не менее " in text:
        first, least = text.split(", но не менее ")
        return ["max", rate(first), rate(least)]
    if " плюс " in text:
        first, more = text.split(" плюс ")
        return ["sum", rate(first), rate(more)]
    return term(text)


def lines(path):
    """code -> (rate, notes)."""
    with open(path, encoding="utf-8") as file:
        return {
            row["code"]: (rate(row["rate"]), re.findall(r"\d+", row["notes"]))
            for row in csv.DictReader(file)
            if row["rate"]
        }


def needs(tree):
    """The one unit beside kilograms a rate asks for."""
    if isinstance(tree, list):
        return next((unit for part in tree[1:] if (unit := needs(part))), None)
    return tree[3] if tree[0] == "per" and tree[3] != "kg" else None
