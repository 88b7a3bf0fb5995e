"""Messages a second of pyiso8583 (PyPI) on the fields of the iso8583 bench, a JSON line for each figure."""

import copy
import json
import time

import iso8583
from iso8583.specs import default_ascii

FIELDS = {
    "2": "4000001234567899", "3": "000000", "4": "000000150000", "7": "1124093000", "11": "000042", "12": "123000",
    "13": "1124", "14": "2712", "18": "5411", "22": "051", "25": "00", "32": "12345678901",
    "35": "4000001234567899=27121010000012345", "37": "432912000042", "41": "TERM0001", "42": "MERCHANT0000001",
    "43": "PORT TRADING HOUSE    ASTRAKHAN       RU", "49": "643",
}

spec = copy.deepcopy(default_ascii)
wire, _ = iso8583.encode({"t": "0200", **FIELDS}, spec)
assert len(wire) == 222, len(wire)


def both():
    decoded, _ = iso8583.decode(bytes(wire), spec)
    iso8583.encode(decoded, spec)


def tell(what, job):
    best = 0.0
    for _ in range(5):
        begin, runs = time.perf_counter(), 0
        while time.perf_counter() - begin < 0.2:
            job()
            runs += 1
        best = max(best, runs / (time.perf_counter() - begin))
    print(json.dumps({"bench": "iso8583", "figure": f"iso87ascii 0200: {what}", "rival": "pyiso8583", "value": round(best)}))


decoded, _ = iso8583.decode(bytes(wire), spec)
tell("decode", lambda: iso8583.decode(bytes(wire), spec))
tell("encode", lambda: iso8583.encode(decoded, spec))
tell("decode and encode", both)
