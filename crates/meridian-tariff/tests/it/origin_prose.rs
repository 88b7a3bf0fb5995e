//! The forms prose takes, one row each, and what it compiles to; and where it is refused.

use meridian_tariff::origin::compile;

#[rustfmt::skip]
const FORMS: [(&str, &str); 56] = [
    // Abbreviations.
    ("CTH or RVC40", "CTH or RVC(build-down FOB) >= 40%"),
    ("RVC(40) or CTH", "RVC(build-down FOB) >= 40% or CTH"),
    ("CTH + RVC 40%", "CTH and RVC(build-down FOB) >= 40%"),
    ("CTH; or MaxNOM 50 % (EXW)", "CTH or VALUE(all) <= 50% EXW"),
    ("CTSH except from 8501.20; or RVC 35% (build-up) or 45% (build-down)", "CTSH except 850120 or RVC(build-up FOB) >= 35% or RVC(build-down FOB) >= 45%"),
    ("CTH (except from headings 52.04 to 52.12)", "CTH except 5204-5212"),
    ("VAC 50 %", "RVC(build-down FOB) >= 50%"),
    // Change of classification in words.
    ("Change in tariff heading", "CTH"),
    ("A change in tariff classification at the 4-digit level", "CTH"),
    ("Change of tariff subheading or regional value content of 40%", "CTSH or RVC(build-down FOB) >= 40%"),
    ("A change from any other heading", "CTH"),
    ("A change to heading 10.06 from any other chapter.", "CC"),
    ("A change to headings 84.01 through 84.12 from any heading outside that group.", "ANY except 8401-8412"),
    ("A change to heading 85.01 from heading 85.03, whether or not there is also a change from any other heading, provided there is a regional value content of not less than: (a) 60 percent where the transaction value method is used, or (b) 50 percent where the net cost method is used.", "CTH allow (8503) and (RVC(build-down FOB) >= 60% or RVC(net-cost) >= 50%)"),
    ("A change to subheading 8501.10 from any other heading, except from heading 85.03; or a change to subheading 8501.10 from heading 85.03, provided there is a regional value content of not less than 40 percent under the build-down method.", "CTH except 8503 or FROM(8503) and RVC(build-down FOB) >= 40%"),
    ("Manufacture from materials of any subheading, except that of the product", "CTSH"),
    ("Manufacture from materials of any heading, except that of the product and headings 2207 and 2208", "CTH except 2207+2208"),
    ("Manufacture from materials not classified in heading 2207 or heading 2208", "ANY except 2207+2208"),
    ("Manufacture in which all the materials used are classified within a chapter other than that of the product", "CC"),
    ("Manufacture from materials of any heading, except that of the product. However, waste of heading 7602 may not be used.", "CTH except \"waste\" of 7602"),
    ("Manufacture from materials of any heading, except that of the product. However, handles of wood may be used provided their total value does not exceed 5 % of the ex-works price of the product.", "CTH allow (\"handles of wood\") <= 5% EXW"),
    // Foreign content.
    ("The value of the non-originating materials shall not exceed 50 percent of the FOB value of the good", "VALUE(all) <= 50% FOB"),
    ("The cost of foreign materials must not exceed 50% of the ex-works price", "VALUE(all) <= 50% EXW"),
    ("Non-originating materials may be used provided their value does not exceed 55 % of the FOB value", "VALUE(all) <= 55% FOB"),
    ("Manufacture in which the value of all the materials used does not exceed 50% of the ex-works price (EXW) or 45% of the Free on Board (FOB) value of the product", "VALUE(all) <= 50% EXW or VALUE(all) <= 45% FOB"),
    ("Manufacture in which the value of all the materials used, except copper, does not exceed 40% of the ex-works price of the product", "VALUE(all except \"copper\") <= 40% EXW"),
    ("Manufacture in which:\n\n- the value of all the materials used does not exceed 40% of the ex-works price of the product, and\n\n- within the above limit, the materials classified within heading 8431 are only used up to a value of 10% of the ex-works price of the product", "VALUE(all) <= 40% EXW and VALUE(8431) <= 10% EXW"),
    ("Manufacture in which the weight of sugar used does not exceed 40% of the weight of the final product", "WEIGHT(\"sugar\") <= 40% weight"),
    ("Manufacture from materials of any heading, except that of the product, in which:\n\n- the weight of sugar used does not exceed 40% of the weight of the final product, or\n\n- the value of sugar used does not exceed 30% of the ex-works price of the product", "CTH and (WEIGHT(\"sugar\") <= 40% weight or VALUE(\"sugar\") <= 30% EXW)"),
    // Value content.
    ("Value added of not less than 40% of the ex-works price", "RVC(build-down EXW) >= 40%"),
    ("Local content of at least 50%", "RVC(build-down FOB) >= 50%"),
    ("A regional value content of 35 percent based on the build-up method", "RVC(build-up FOB) >= 35%"),
    ("- c) 55% under the focused value method taking into account only the non-originating materials of heading 8460 and heading 8466.", "RVC(focused FOB on 8460+8466) >= 55%"),
    // Obtained and originating materials.
    ("Wholly obtained or produced entirely in the territory of a Party", "WO"),
    ("All goods must be wholly obtained.", "WO"),
    ("Manufacture in which all the materials of Chapters 1 and 4 used are wholly obtained", "WO(01+04)"),
    ("Manufacture in which all the cereals (except durum wheat) used must be wholly obtained", "WO(\"cereals\" except \"durum wheat\")"),
    ("Manufacture in which all the fruit, nuts or vegetables used are wholly obtained", "WO(\"fruit\", \"nuts\", \"vegetables\")"),
    ("Manufacture in which any fruit juice used (except that of pineapple) is originating", "ORIGINATING(\"fruit juice\" except \"pineapple\")"),
    ("Manufacture in which at least 70% by weight of the tobacco used is originating", "SHARE WEIGHT(\"tobacco\") >= 70%"),
    ("Each of the articles in the set must satisfy the rule which would apply to it if it were not included in the set. However, non-originating articles may be incorporated, provided that their total value does not exceed 15% of the ex-works price of the set.", "ORIGINATING(all) allow (all) <= 15% EXW"),
    // Named materials.
    ("Manufacture from yarn", "FROM(\"yarn\")"),
    ("Manufacture from:\n\n- natural fibres,\n\n- man-made staple fibres, not carded or combed or otherwise processed for spinning, or\n\n- chemical materials or textile pulp", "FROM(\"natural fibres\", \"man-made staple fibres, not carded or combed or otherwise processed for spinning\", \"chemical materials\", \"textile pulp\")"),
    ("Manufacture from ingots or other primary forms of heading 7206", "FROM(\"ingots or other primary forms\" of 7206)"),
    ("Manufacture from yarn or rags of heading 6310", "FROM(\"yarn\", \"rags\" of 6310)"),
    ("Manufacture from unembroidered fabric, provided that the value of the unembroidered fabric used does not exceed 40% of the ex-works price of the product", "FROM(\"unembroidered fabric\") and VALUE(\"unembroidered fabric\") <= 40% EXW"),
    // Operations.
    ("Knitting", "DONE(\"knitting\")"),
    ("Weaving or knitting accompanied by making-up (including cutting)", "(DONE(\"weaving\") or DONE(\"knitting\")) and DONE(\"making-up (including cutting)\")"),
    ("Weaving combined with dyeing or with coating", "DONE(\"weaving\") and (DONE(\"dyeing\") or DONE(\"coating\"))"),
    ("Spinning of natural fibres or extrusion of man-made fibres accompanied by spinning", "DONE(\"spinning of natural fibres\") or DONE(\"extrusion of man-made fibres\") and DONE(\"spinning\")"),
    ("Spinning of natural fibres or extrusion of man-made fibres, in each case accompanied by weaving", "(DONE(\"spinning of natural fibres\") or DONE(\"extrusion of man-made fibres\")) and DONE(\"weaving\")"),
    ("Calcination or grinding of earth colours", "DONE(\"calcination of earth colours\") or DONE(\"grinding of earth colours\")"),
    ("Cleaning, sorting and straightening of bristles", "DONE(\"cleaning of bristles\") and DONE(\"sorting of bristles\") and DONE(\"straightening of bristles\")"),
    ("Dyeing or Printing, provided that the value of the unprinted fabric used does not exceed 47.5% of the ex-works price of the product", "DONE(\"dyeing\") or DONE(\"printing\") and VALUE(\"unprinted fabric\") <= 47.5% EXW"),
    ("A chemical reaction, purification or isomer separation is undergone", "DONE(\"chemical reaction\") or DONE(\"purification\") or DONE(\"isomer separation\")"),
    // A rule inside an origin quota asks whether the goods are in it.
    ("Manufacture from materials of any heading, in accordance with Appendix 2A", "ANY and THAT(\"in accordance with appendix 2a\")"),
];

#[test]
fn each_form_of_prose_compiles_to_its_sentence() {
    for (text, sentence) in FORMS {
        let compiled = compile(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(compiled.rule.to_string(), sentence, "{text}");
    }
}

/// text | the column where understanding ends
#[rustfmt::skip]
const REFUSED: [(&str, usize); 8] = [
    ("", 1),
    ("Process Rule.", 1),
    ("Substances or polymers of natural or man-made origin.", 1),
    ("Manufacture from materials of any heading, unless the moon is full", 44),
    ("Manufacture in which the value of all the materials used does not exceed 40% of the moon", 85),
    ("The origin of the product in its original classification shall be retained.", 1),
    ("CTH < 40%", 5),
    ("Manufacture from materials of any heading, except that of the product. However, it may be used if pretty", 96),
];

#[test]
fn what_is_not_understood_is_refused_with_its_column() {
    for (text, column) in REFUSED {
        let refusal = compile(text).expect_err(text);
        assert_eq!(refusal.code, "origin.prose");
        assert!(refusal.what.starts_with(&format!("column {column}:")), "{text:?}: {}", refusal.what);
    }
}

#[test]
fn a_reference_to_a_note_is_kept_as_a_remark() {
    let compiled = compile(
        "Manufacture from yarn.\n\nFor special conditions relating to mixtures, see Introductory Note 5.",
    )
    .unwrap();
    assert_eq!(compiled.rule.to_string(), "FROM(\"yarn\")");
    assert_eq!(compiled.remarks, ["for special conditions relating to mixtures, see introductory note 5."]);
}

#[test]
fn markup_and_odd_hyphens_change_nothing() {
    let plain = compile("Manufacture in which the value of all the materials of heading 8541 used does not exceed 10% of the ex-works price of the product").unwrap();
    let marked = compile("Manufacture in which the value of all the materials of [heading&nbsp;8541](/headings/8541) used does not exceed **10%** of the ex\u{2010} works price of the product.").unwrap();
    assert_eq!(plain, marked);
}

#[test]
fn hostile_text_is_refused_and_overruns_nothing() {
    for piece in [
        "in which : ",
        "from ( ",
        "except ",
        "materials of chapter 1 and ",
        "weaving combined with ",
        "however : ",
        "either ",
    ] {
        for count in [150, 20_000] {
            let _ = compile(&format!("Manufacture {}", piece.repeat(count)));
            let _ = compile(&piece.repeat(count));
        }
    }
    for open in ["(", "1 OF (", "WO or ("] {
        let refusal = meridian_tariff::origin::Rule::parse(&open.repeat(50_000)).unwrap_err();
        assert_eq!(refusal.code, "origin.sentence");
    }
}
