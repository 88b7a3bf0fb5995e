//! Fields made of subfields: by position, by tag, by a bitmap of their own, or BER-TLV.

use std::collections::BTreeMap;

use crate::bitmap::BitmapForm;
use crate::content::Content;
use crate::draft::Entry;
use crate::encoding::Encoding;
use crate::fault::{Fault, Flaw};
use crate::field::{Field, Length, Secret, within};
use crate::message::Value;
use crate::padding::{Padding, Side};
use crate::prefix::Prefix;
use crate::tlv::{Tlvs, hex, is_sensitive, tag_name};

/// How subfields stand in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composite {
    /// One behind the other; the last ones may be absent.
    Positional(Vec<Field>),
    /// Each with a tag and a length; unknown tags are kept.
    Tagged {
        /// Characters of a tag.
        tag_len: usize,
        /// The length behind the tag.
        prefix: Prefix,
        /// Names and secrecy of the known ones.
        known: BTreeMap<String, (String, Secret)>,
    },
    /// Announced by a bitmap at the front.
    Bitmapped {
        /// How the bitmap stands on the wire.
        form: BitmapForm,
        /// Its bytes, 1 to 8.
        bytes: usize,
        /// The subfields by number.
        fields: BTreeMap<u16, Field>,
    },
    /// BER-TLV.
    Tlv,
}

/// A subfield found in a field.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Position, tag or number: `2`, `9F26`.
    pub tag: String,
    /// Its name, where the dialect knows it.
    pub name: &'a str,
    /// Its value.
    pub value: Value<'a>,
    /// Offset of the value from the start of the field's value.
    pub offset: usize,
    /// What of it is shown unasked.
    pub secret: Secret,
}

const PLAIN: Padding = Padding { side: Side::Left, nibble: 0 };

/// What a subfield is that only its length describes.
const fn untold(content: Content, encoding: Encoding) -> Field {
    let length = Length::Fixed(0);
    Field {
        name: String::new(),
        content,
        length,
        encoding,
        padding: PLAIN,
        date: None,
        secret: Secret::No,
        composite: None,
    }
}

static TEXT: Field = untold(Content::Any, Encoding::Ascii);
static BYTES: Field = untold(Content::Bytes, Encoding::Binary);

impl Composite {
    /// Whether the subfields fill the value; offsets are counted from `base`.
    pub(crate) fn check(&self, wire: &[u8], base: usize) -> Result<(), Fault> {
        match self {
            Self::Tlv => Tlvs::check(wire).map_err(|flaw| flaw.read("", base)),
            _ => self.walk(wire, base, &mut |_| ()),
        }
    }

    /// Visits the subfields in their order.
    pub(crate) fn walk<'a>(
        &'a self,
        wire: &'a [u8],
        base: usize,
        visit: &mut dyn FnMut(Part<'a>),
    ) -> Result<(), Fault> {
        let mut at = 0;
        match self {
            Self::Positional(fields) => {
                for (position, field) in (1_u16..).zip(fields) {
                    if at == wire.len() {
                        return Ok(());
                    }
                    at = one(field, &position, wire, at, base, visit)?;
                }
            }
            Self::Bitmapped { form, bytes, fields } => {
                let word = form.read(wire, *bytes).map_err(|flaw| flaw.read("bitmap", base))?;
                at = form.wire_len(*bytes);
                for number in (1..=64_u16).filter(|number| word >> (64 - number) & 1 == 1) {
                    let Some(field) = fields.get(&number) else {
                        return Err(Fault::at(
                            "iso8583.field_unknown",
                            number,
                            base + at,
                            "the dialect has no such subfield",
                        ));
                    };
                    at = one(field, &number, wire, at, base, visit)?;
                }
            }
            Self::Tagged { tag_len, prefix, known } => {
                while at < wire.len() {
                    let tag = wire.get(at..at + tag_len).filter(|tag| tag.iter().all(u8::is_ascii_graphic));
                    let Some(tag) = tag else {
                        return Err(Fault::at(
                            "iso8583.composite",
                            "",
                            base + at,
                            "no tag where one is expected",
                        ));
                    };
                    let tag = String::from_utf8_lossy(tag).into_owned();
                    let rest = &wire[at + tag_len..];
                    let (length, width) =
                        prefix.read(rest).map_err(|flaw| flaw.read(&tag, base + at + tag_len))?;
                    let Some(value) = width.checked_add(length).and_then(|end| rest.get(width..end)) else {
                        let what = "the subfield is longer than its field";
                        return Err(Fault::at("iso8583.composite", &tag, base + at + tag_len, what));
                    };
                    let offset = at + tag_len + width;
                    at = offset + length;
                    let (name, secret) = match known.get(&tag) {
                        Some((name, secret)) => (name.as_str(), *secret),
                        None => ("", Secret::No),
                    };
                    visit(Part { tag, name, value: Value::new(&TEXT, value, value.len()), offset, secret });
                }
            }
            Self::Tlv => {
                for object in Tlvs::new(wire) {
                    let object = object.map_err(|fault| Fault {
                        field: String::new(),
                        offset: fault.offset.map(|offset| offset + base),
                        ..fault
                    })?;
                    let secret = if is_sensitive(object.tag) { Secret::All } else { Secret::No };
                    let value = Value::new(&BYTES, object.value, object.value.len());
                    let (tag, name) = (object.tag_hex(), tag_name(object.tag).unwrap_or(""));
                    visit(Part { tag, name, value, offset: object.value_offset, secret });
                }
                return Ok(());
            }
        }
        if at == wire.len() {
            Ok(())
        } else {
            Err(Fault::at("iso8583.composite", "", base + at, "bytes are left after the last subfield"))
        }
    }

    /// Writes subfields: by position and bitmap in ascending order, tagged and BER-TLV ones in the order given.
    pub(crate) fn write(&self, parts: &[(String, Entry)]) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        match self {
            Self::Positional(fields) => {
                for (position, field) in (1..=parts.len()).zip(fields) {
                    let found = parts.iter().find(|(tag, _)| *tag == position.to_string());
                    let Some((tag, entry)) = found else {
                        return Err(Fault::of(
                            "iso8583.composite",
                            position,
                            "a subfield is left out before others",
                        ));
                    };
                    entry.write(field, &mut out).map_err(|fault| within(tag, fault))?;
                }
                if parts.len() > fields.len() {
                    return Err(Fault::of("iso8583.composite", "", "more subfields than the field has"));
                }
            }
            Self::Bitmapped { form, bytes, fields } => {
                let mut word = 0_u64;
                out.resize(form.wire_len(*bytes), 0);
                let mut numbered = BTreeMap::new();
                for (tag, entry) in parts {
                    let number = tag.parse::<u16>().ok().filter(|number| usize::from(*number) <= 8 * bytes);
                    let field = number.and_then(|number| fields.get(&number).map(|field| (number, field)));
                    let Some((number, field)) = field else {
                        return Err(Fault::of(
                            "iso8583.field_unknown",
                            tag,
                            "the dialect has no such subfield",
                        ));
                    };
                    if numbered.insert(number, (field, entry)).is_some() {
                        return Err(Fault::of("iso8583.order", tag, "given twice"));
                    }
                }
                for (number, (field, entry)) in numbered {
                    word |= 1 << (64 - number);
                    entry.write(field, &mut out).map_err(|fault| within(number, fault))?;
                }
                form.write(word, &mut out[..form.wire_len(*bytes)]);
            }
            Self::Tagged { tag_len, prefix, .. } => {
                for (tag, entry) in parts {
                    if tag.len() != *tag_len || !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
                        return Err(Fault::of("iso8583.composite", tag, "not a tag of this field"));
                    }
                    let value = entry.characters(&TEXT).map_err(|flaw| flaw.written(tag))?;
                    out.extend_from_slice(tag.as_bytes());
                    prefix.write(value.len(), &mut out).map_err(|flaw| flaw.written(tag))?;
                    out.extend_from_slice(&value);
                }
            }
            Self::Tlv => {
                for (tag, entry) in parts {
                    let value = entry.characters(&BYTES).map_err(|flaw| flaw.written(tag))?;
                    let number = unhex(tag.as_bytes()).filter(|number| hex(number) == *tag);
                    let Some(number) = number else {
                        return Err(Fault::of("iso8583.tlv", tag, "not a tag in hexadecimal"));
                    };
                    out.extend_from_slice(&number);
                    crate::prefix::write_ber(value.len(), &mut out);
                    out.extend_from_slice(&value);
                }
            }
        }
        self.check(&out, 0).map(|()| out)
    }
}

fn one<'a>(
    field: &'a Field,
    number: &u16,
    wire: &'a [u8],
    at: usize,
    base: usize,
    visit: &mut dyn FnMut(Part<'a>),
) -> Result<usize, Fault> {
    let span = field.read(wire, at).map_err(|flaw| flaw.read(number, base + at))?;
    let (start, end) = (usize::from(span.value), usize::from(span.end));
    let value = Value::new(field, &wire[start..end], usize::from(span.units));
    field.check_parts(*number, value.wire(), base + start)?;
    visit(Part { tag: number.to_string(), name: &field.name, value, offset: start, secret: field.secret });
    Ok(end)
}

pub(crate) fn unhex(characters: &[u8]) -> Option<Vec<u8>> {
    if characters.len() % 2 == 1 {
        return None;
    }
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    characters.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// The bytes of hexadecimal characters.
pub(crate) fn bytes_of_hex(characters: &[u8]) -> Result<Vec<u8>, Flaw> {
    unhex(characters).ok_or(Flaw::new("iso8583.content", 0, "not pairs of hexadecimal digits"))
}
