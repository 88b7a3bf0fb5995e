"""The rival: Polars, floats, the four simple shapes; no notes, dates, territories or fees."""
import sys

import polars as pl

from shapes import RATES, lines


def flat(tree):
    """A rate as percent, roubles per unit, the unit, and how they are joined."""
    if isinstance(tree, tuple):
        if tree[0] == "pct":
            return float(tree[1]), 0.0, "kg", "pct"
        return 0.0, float(tree[1] * RATES[tree[2]]), tree[3], "per"
    join, first, second = tree
    if join == "min":  # 15 %: the simple table has no place for the rest
        return float(first[1]), 0.0, "kg", "pct"
    if isinstance(first, tuple) and first[0] == "pct" and isinstance(second, tuple) and second[0] == "per":
        return float(first[1]), float(second[1] * RATES[second[2]]), second[3], join
    raise ValueError(tree)


def main(tariff, source, out):
    known = {code: flat(tree) for code, (tree, _) in lines(tariff).items()}
    table = pl.LazyFrame(
        {
            "code": list(known), "pct": [rate[0] for rate in known.values()],
            "spec": [rate[1] for rate in known.values()], "by_kg": [rate[2] == "kg" for rate in known.values()],
            "kind": [rate[3] for rate in known.values()],
        }
    )
    read = pl.scan_csv(
        source,
        schema_overrides={"code": pl.String, "value": pl.Float64, "net_kg": pl.Float64, "gross_kg": pl.Float64,
                          "qty1": pl.Float64, "date": pl.String, "qty2": pl.String, "unit2": pl.String},
    )
    share = pl.col("value") * pl.col("pct") / 100
    specific = pl.when("by_kg").then(pl.col("net_kg")).otherwise(pl.col("qty1")) * pl.col("spec")
    duty = (
        pl.when(pl.col("kind") == "pct").then(share)
        .when(pl.col("kind") == "per").then(specific)
        .when(pl.col("kind") == "max").then(pl.max_horizontal(share, specific))
        .otherwise(share + specific)
    ).round(2)
    priced = (
        read.join(table, on="code", how="left")
        .with_columns(duty=duty)
        .with_columns(vat=((pl.col("value") + pl.col("duty")) * 0.22).round(2))
        .with_columns(total=pl.col("duty") + pl.col("vat"))
        .select("line", "code", "value", "duty", "vat", "total")
    )
    priced.sink_csv(out, float_precision=2)


if __name__ == "__main__":
    main(*sys.argv[1:4])
