//! Decode and encode of a 222-byte 0200 of 18 fields, beside one look at each of its bytes.

use std::hint::black_box;
use std::time::Duration;

use meridian_iso8583::{Dialect, Draft, Message, Writer};

use crate::{Figure, Setting, best_of};

/// A purchase as an acquirer sends it; `crates/meridian-bench-compare/iso8583` measures rivals on the same fields.
fn purchase() -> Draft {
    Draft::new("0200")
        .set(2, "4000001234567899")
        .set(3, "000000")
        .set(4, "000000150000")
        .set(7, "1124093000")
        .set(11, "000042")
        .set(12, "123000")
        .set(13, "1124")
        .set(14, "2712")
        .set(18, "5411")
        .set(22, "051")
        .set(25, "00")
        .set(32, "12345678901")
        .set(35, "4000001234567899=27121010000012345")
        .set(37, "432912000042")
        .set(41, "TERM0001")
        .set(42, "MERCHANT0000001")
        .set(43, "PORT TRADING HOUSE    ASTRAKHAN       RU")
        .set(49, "643")
}

pub(crate) fn run(_: &Setting) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for name in ["iso87ascii", "iso87binary", "iso87ebcdic"] {
        let dialect = Dialect::built_in(name).ok_or("no such dialect")?;
        let wire = purchase().encode(dialect).map_err(|fault| fault.to_string())?;
        let message = Message::decode(dialect, &wire).map_err(|fault| fault.to_string())?;
        let per_second = |job: &mut dyn FnMut()| 1.0 / best_of(5, Duration::from_millis(200), job);
        let decode = per_second(&mut || drop(black_box(Message::decode(dialect, black_box(&wire)))));
        // Every value is written anew and checked again, as a switch does that sends a message on in another dialect.
        let write = |message: &Message<'_>, out: &mut Vec<u8>| {
            out.clear();
            let mut writer = Writer::new(dialect, message.mti(), out)?;
            for (number, value) in message.values() {
                writer.value(number, &value)?;
            }
            writer.finish()
        };
        let mut out = Vec::with_capacity(256);
        write(&message, &mut out).map_err(|fault| fault.to_string())?;
        if out != wire {
            return Err(format!("{name}: what was decoded encodes to other bytes"));
        }
        let encode = per_second(&mut || drop(black_box(write(black_box(&message), &mut out))));
        let both = per_second(&mut || {
            if let Ok(message) = Message::decode(dialect, black_box(&wire)) {
                let _ = black_box(write(&message, &mut out));
            }
        });
        let looked = per_second(&mut || {
            black_box(
                black_box(&wire)
                    .iter()
                    .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte))),
            );
        });
        let bytes = wire.len();
        figures.push(Figure::new(format!("{name} 0200 ({bytes} bytes, 18 fields): decode"), decode, "/s"));
        figures.push(Figure::new(format!("{name} 0200 ({bytes} bytes, 18 fields): encode"), encode, "/s"));
        figures.push(
            Figure::new(format!("{name} 0200 ({bytes} bytes, 18 fields): decode and encode"), both, "/s")
                .beside("one dependent step for each byte", looked),
        );
    }
    Ok(figures)
}
