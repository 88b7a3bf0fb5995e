#!/usr/bin/env python3
"""Sets `meridian settle plan` beside HiGHS (scipy.optimize.milp, `pip install scipy`) on generated queues.

    compare.py --generator queue_gen.py --meridian target/release/meridian --cache highs.jsonl \
        [--seeds 1-10] [--alphas 1.0,0.75,0.5,0.25,0.1] [--skews 0,0.4] [--seconds 30]

The exact solver's answers are kept in the cache, one line a queue, and reused. Every plan is checked here again, in Python
integers: each payment at most once, every bank at zero or above, the value as claimed, never above the bound.
Without --meridian it only fills the cache."""
import argparse, json, os, subprocess, sys, tempfile, time


def queue(args, alpha, skew, seed):
    words = [sys.executable, args.generator, "--banks", args.banks, "--payments", args.payments,
             "--alpha", alpha, "--skew", skew, "--seed", seed]
    return json.loads(subprocess.run([str(word) for word in words], check=True, capture_output=True).stdout)


def highs(q, seconds):
    import numpy
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_matrix
    banks = {name: row for row, name in enumerate(q["liquidity"])}
    value = numpy.array([p["amount"] for p in q["payments"]], dtype=float)
    count = len(value)
    rows = [banks[p["from"]] for p in q["payments"]] + [banks[p["to"]] for p in q["payments"]]
    matrix = coo_matrix((numpy.concatenate([value, -value]), (rows, list(range(count)) * 2)), (len(banks), count))
    limits = LinearConstraint(matrix.tocsr(), -numpy.inf, numpy.array(list(q["liquidity"].values()), dtype=float))
    start, cpu = time.monotonic(), time.process_time()
    found = milp(-value, constraints=limits, integrality=numpy.ones(count), bounds=Bounds(0, 1),
                 options={"time_limit": seconds, "mip_rel_gap": 0})
    settled = [] if found.x is None else [i for i, x in enumerate(found.x) if x > 0.5]
    bound = None if found.mip_dual_bound is None else -found.mip_dual_bound
    return {"value": sum(q["payments"][i]["amount"] for i in settled), "bound": bound,
            "seconds": round(time.monotonic() - start, 2), "cpu_seconds": round(time.process_time() - cpu, 2)}


def plan(args, q):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(q, file)
        file.flush()
        words = [args.meridian, "settle", "plan", file.name, "--method", "best", "--json"]
        start = time.monotonic()
        out = subprocess.run(words, check=True, capture_output=True).stdout
        seconds = time.monotonic() - start
    told = json.loads(out)
    left, amounts = dict(q["liquidity"]), {p["id"]: p for p in q["payments"]}
    for name in told["settled"]:
        payment = amounts.pop(name)
        left[payment["from"]] -= payment["amount"]
        left[payment["to"]] += payment["amount"]
    value = sum(p["amount"] for p in q["payments"]) - sum(p["amount"] for p in amounts.values())
    assert min(left.values()) >= 0, f"a bank ends below zero: {min(left.values())}"
    assert value == told["value_settled"] and value <= told["bound"], (value, told["value_settled"], told["bound"])
    return value, told["bound"], seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--generator", required=True)
    parser.add_argument("--meridian")
    parser.add_argument("--cache", default="highs.jsonl")
    parser.add_argument("--banks", type=int, default=30)
    parser.add_argument("--payments", type=int, default=2000)
    parser.add_argument("--alphas", default="1.0,0.75,0.5,0.25,0.1")
    parser.add_argument("--skews", default="0,0.4")
    parser.add_argument("--seeds", default="1-10")
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    low, high = args.seeds.split("-")
    known = {}
    if os.path.exists(args.cache):
        for line in open(args.cache):
            row = json.loads(line)
            known[tuple(row["queue"])] = row
    ratios, slowest = [], 0.0
    print("alpha skew seed      highs  (s)        ours    ratio  of bound   secs")
    for seed in range(int(low), int(high) + 1):
        for alpha in args.alphas.split(","):
            for skew in args.skews.split(","):
                key = (args.banks, args.payments, float(alpha), float(skew), seed, args.seconds)
                if key not in known and args.seconds > 0:
                    known[key] = {"queue": list(key), **highs(queue(args, alpha, skew, seed), args.seconds)}
                    with open(args.cache, "a") as file:
                        print(json.dumps(known[key]), file=file)
                if not args.meridian:
                    continue
                value, bound, seconds = plan(args, queue(args, alpha, skew, seed))
                best = known.get(key, {"value": 0, "seconds": 0})
                ratio = value / best["value"] if best["value"] else float("nan")
                ratios.append((ratio, value / bound if bound else 1.0, float(alpha)))
                slowest = max(slowest, seconds)
                print(f"{alpha:>5} {skew:>4} {seed:>4} {best['value']:>10} {best['seconds']:>4} {value:>11} "
                      f"{ratio:>8.4f} {value / bound if bound else 1.0:>9.4f} {seconds:>6.2f}", flush=True)
    for alpha in sorted({row[2] for row in ratios}, reverse=True):
        of = [row for row in ratios if row[2] == alpha]
        print(f"alpha {alpha}: least {min(row[0] for row in of):.4f}, mean {sum(row[0] for row in of) / len(of):.4f} of HiGHS; "
              f"least {min(row[1] for row in of):.4f} of the LP bound")
    if ratios:
        print(f"{len(ratios)} queues: least {min(ratios)[0]:.4f}, mean {sum(row[0] for row in ratios) / len(ratios):.4f} "
              f"of HiGHS; slowest call {slowest:.2f} s")


main()
