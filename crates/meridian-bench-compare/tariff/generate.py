"""Declaration lines over every line of the tariff, the same for the same count."""
import sys

import polars as pl

from shapes import lines, needs


def main(tariff, out, count):
    known = lines(tariff)
    codes = pl.DataFrame({"code": list(known), "unit1": [needs(tree) or "pcs" for tree, _ in known.values()]})
    size, step = len(known), 1_000_000
    days = pl.date_range(pl.date(2025, 1, 1), pl.date(2026, 11, 23), "1d", eager=True).cast(pl.String)
    with open(out, "wb") as file:
        for start in range(0, count, step):
            index = pl.int_range(start, min(start + step, count), eager=True).alias("line")
            frame = pl.DataFrame({"line": index})
            draw = lambda seed, below: (pl.col("line").hash(seed) % below).cast(pl.Int64)
            decimal = lambda number, scale: (
                (number // 10**scale).cast(pl.String) + "." + (number % 10**scale).cast(pl.String).str.zfill(scale)
            )
            frame = frame.with_columns(
                code_at=draw(1, size), minor=draw(2, 500_000_000) + 1, grams=draw(3, 20_000_000) + 1,
                many=draw(4, 5_000) + 1, tare=draw(5, 1_000_000),
                territory=pl.when(draw(6, 5) == 0).then(pl.lit("KZ")).otherwise(pl.lit("RU")),
                origin=pl.when(draw(7, 3) == 0).then(pl.lit("CN")).otherwise(pl.lit("IR")),
                day_at=draw(8, len(days)),
            )
            frame = frame.with_columns(
                code=codes["code"].gather(frame["code_at"]), unit1=codes["unit1"].gather(frame["code_at"]),
                date=days.gather(frame["day_at"]), value=decimal(pl.col("minor"), 2),
                net_kg=decimal(pl.col("grams"), 3), gross_kg=decimal(pl.col("grams") + pl.col("tare"), 3),
                currency=pl.lit("RUB"), qty1=pl.col("many"), qty2=pl.lit(""), unit2=pl.lit(""),
            )
            order = "line code origin territory value currency net_kg gross_kg qty1 unit1 qty2 unit2 date".split()
            frame.select(order).write_csv(file, include_header=start == 0, quote_style="never")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
