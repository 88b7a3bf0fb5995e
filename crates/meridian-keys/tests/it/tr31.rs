//! Key blocks against the collected cases.

use meridian_keys::tr31::{Header, OptionalBlock, Protection, Version, unwrap, wrap};
use meridian_keys::{Entropy, Key};
use serde_json::Value;

use crate::{cases, counting, repeated, text};

fn length(case: &Value, key: &str) -> usize {
    usize::try_from(case[key].as_u64().unwrap()).unwrap()
}

fn header(version: &str, algorithm: &str) -> Header {
    Header::new(version, "P0", algorithm, "E", "00", "N").unwrap()
}

#[test]
fn key_blocks_are_those_of_the_collected_cases() {
    let (mut values, mut errors) = (0, 0);
    for case in cases("tr31.json") {
        let test = text(&case, "test");
        let refused = match test {
            "test_header_block_load_exceptions" | "test_header_load_exceptions" => {
                Header::parse(text(&case, "header")).map(drop)
            }
            "test_header_attributes_exceptions" => {
                let part = |key| text(&case, key);
                Header::new(
                    part("version_id"),
                    part("key_usage"),
                    part("algorithm"),
                    part("mode_of_use"),
                    part("version_num"),
                    part("exportability"),
                )
                .map(drop)
            }
            "test_kb_wrap_exceptions" => {
                let (protection, key) =
                    (vec![b'E'; length(&case, "kbpk_len")], vec![b'F'; length(&case, "key_len")]);
                let header = header(text(&case, "version_id"), "T");
                wrap(Protection::Clear(&Key::new(protection)), &header, &Key::new(key), None, &mut counting())
                    .map(drop)
            }
            "test_kb_unwrap_exceptions" => {
                let protection = Key::new(vec![b'E'; length(&case, "kbpk_len")]);
                unwrap(Protection::Clear(&protection), text(&case, "kb")).map(drop)
            }
            "test_kb_sanity" => {
                let protection = Key::new(repeated(text(&case, "kbpk")));
                for key_len in [0, 1, 8, 16, 24, 32, 99, 999] {
                    let mut key = vec![0; key_len];
                    counting().fill(&mut key);
                    let (key, header) = (Key::new(key), header(text(&case, "version_id"), "T"));
                    let block =
                        wrap(Protection::Clear(&protection), &header, &key, None, &mut counting()).unwrap();
                    let (read, opened) = unwrap(Protection::Clear(&protection), &block).unwrap();
                    assert_eq!((&read, &opened), (&header, &key), "{case}, {key_len} bytes");
                }
                values += 1;
                continue;
            }
            "test_kb_known_values" => {
                let protection = Key::parse_hex(text(&case, "kbpk")).unwrap();
                let (read, opened) = unwrap(Protection::Clear(&protection), text(&case, "kb")).unwrap();
                assert_eq!(opened, Key::parse_hex(text(&case, "key")).unwrap(), "{case}");
                // The same header makes a block of the same protection that opens to the same key.
                let again =
                    wrap(Protection::Clear(&protection), &read, &opened, None, &mut counting()).unwrap();
                assert_eq!(unwrap(Protection::Clear(&protection), &again).unwrap(), (read, opened));
                values += 1;
                continue;
            }
            "test_kb_masking_key_length" => {
                let header = header(text(&case, "version_id"), text(&case, "algorithm"));
                let masked =
                    case["masked_key_len"].as_i64().map(|masked| usize::try_from(masked).unwrap_or(0));
                let key = Key::new(vec![b'F'; length(&case, "key_len")]);
                let protection = Key::new(vec![b'E'; 24]);
                let block =
                    wrap(Protection::Clear(&protection), &header, &key, masked, &mut counting()).unwrap();
                assert_eq!(block.len(), length(&case, "kb_len"), "{case}");
                assert_eq!(block[1..5], format!("{:04}", block.len()));
                values += 1;
                continue;
            }
            other => panic!("no such kind of case: {other}"),
        };
        let refusal = refused.expect_err(&format!("{case}"));
        assert!(refusal.code.starts_with("keys."), "{refusal}");
        errors += 1;
    }
    eprintln!("{values} values, {errors} errors");
}

#[test]
fn a_header_changed_on_the_way_is_refused() {
    for (version, bytes) in [("A", 16), ("B", 16), ("C", 24), ("D", 32)] {
        let protection = Key::new((0..bytes).collect());
        let mut header = Header::new(version, "P0", "T", "E", "00", "N").unwrap();
        header.blocks.push(OptionalBlock { id: "KS".into(), data: "00604B120F9292800000".into() });
        header.blocks.push(OptionalBlock { id: "10".into(), data: "x".repeat(300) });
        let key = Key::new(vec![7; 16]);
        let block = wrap(Protection::Clear(&protection), &header, &key, None, &mut counting()).unwrap();
        let (read, opened) = unwrap(Protection::Clear(&protection), &block).unwrap();
        assert_eq!((read, opened), (header, key), "{version}");
        // A PIN key made a data key; exportable; another letter of the key.
        for (at, letter) in [(5, "D"), (11, "E"), (block.len() - 40, "0"), (block.len() - 41, "1")] {
            if &block[at..=at] == letter {
                continue;
            }
            let mut changed = block.clone();
            changed.replace_range(at..=at, letter);
            assert_eq!(
                unwrap(Protection::Clear(&protection), &changed).unwrap_err().code,
                "keys.key_block_mac"
            );
        }
        let other = Key::new((1..=bytes).collect());
        assert_eq!(
            unwrap(Protection::Clear(&other), &block).unwrap_err().code,
            "keys.key_block_mac",
            "{version}"
        );
    }
}

/// Where a protection key lies in a token, versions B and D need nothing but its encryption.
#[test]
fn a_token_opens_derived_versions_and_not_variants() {
    for (version, algorithm) in [("B", meridian_keys::Algorithm::Tdes), ("D", meridian_keys::Algorithm::Aes)]
    {
        let protection = Key::new(vec![9; 16]);
        let header = Header::new(version, "M6", "A", "C", "00", "E").unwrap();
        let key = Key::new(vec![3; 32]);
        let cipher = protection.cipher(algorithm).unwrap();
        let block = wrap(Protection::Token(&cipher), &header, &key, None, &mut counting()).unwrap();
        assert_eq!(unwrap(Protection::Clear(&protection), &block).unwrap().1, key);
        assert_eq!(
            unwrap(Protection::Token(&cipher), &block).unwrap().0.version() == Version::B,
            version == "B"
        );
    }
    let cipher = Key::new(vec![9; 16]).cipher(meridian_keys::Algorithm::Tdes).unwrap();
    let refusal = unwrap(
        Protection::Token(&cipher),
        "A0088P0TE00E00007DD4DD9566DC0E2F956DCAC0FDE9153159539373E9D82D3CD4AFD305A7EF1BA67FE03712",
    );
    assert_eq!(refusal.unwrap_err().code, "keys.key_block");
}
