"""Prices the same lines with Meridian and with Polars, and checks Meridian's against the oracle."""
import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARIFF, NOTES = "eaeu_common_customs_tariff.csv", "eaeu_tariff_notes_2025-09-21.csv"


def timed(command, **environment):
    process = subprocess.Popen(command, env={**os.environ, **environment})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed: {process.returncode}")
    return usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--meridian", required=True)
    ask.add_argument("--data", required=True, type=Path)
    ask.add_argument("--lines", type=int, default=10_000_000)
    ask.add_argument("--scratch", type=Path, default=Path("scratch"))
    ask.add_argument("--check-every", type=int, default=20)
    ask.add_argument("--rounds", type=int, default=2)
    args = ask.parse_args()
    args.scratch.mkdir(exist_ok=True, parents=True)
    pack, source = args.scratch / "pack", args.scratch / f"lines-{args.lines}.csv"
    ours, theirs, rates = args.scratch / "priced.csv", args.scratch / "simple.csv", args.scratch / "rates.csv"
    rates.write_text("currency,rate,from,status\nEUR,92.1045,,invented\nUSD,80.4025,,invented\n")
    subprocess.run([args.meridian, "duty", "import", "--layout", "eaeu", args.data / TARIFF, args.data / NOTES, "--rates", rates,
                    "--vat", "22", "--fee", "4269.00", "--out", pack], check=True, stdout=subprocess.DEVNULL)
    if not source.exists():
        subprocess.run([sys.executable, HERE / "generate.py", args.data / TARIFF, source, str(args.lines)], check=True)
    print(f"{args.lines} lines, {source.stat().st_size / 1e6:.0f} MB; user s, system s, MiB resident")
    for _ in range(args.rounds):
        mine = timed([args.meridian, "duty", "bulk", "--pack", pack, "--threads", "2", source, ours])
        rival = timed([sys.executable, str(HERE / "simple.py"), str(args.data / TARIFF), str(source), str(theirs)], POLARS_MAX_THREADS="2")
        print("meridian  %.2f %.2f %.0f" % mine)
        print("polars    %.2f %.2f %.0f" % rival)
    subprocess.run([sys.executable, HERE / "oracle.py", args.data / TARIFF, args.data / NOTES, source, ours, str(args.check_every)], check=True)


if __name__ == "__main__":
    main()
