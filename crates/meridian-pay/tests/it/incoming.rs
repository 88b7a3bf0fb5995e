//! What comes in and is no payment message the hub can act on: every refusal of `inbound`, by a changed message.

use meridian_pay::*;

use crate::world::*;

#[test]
fn what_cannot_be_understood_says_why() {
    let mut world = World::new();
    let payment = world.across("100.00");
    let pacs008 = outbound::write_payment(&payment, world.now).unwrap();
    let pacs002 = outbound::write_answer("A-1", world.now, payment.uetr, "ACCC", None).unwrap();
    let request = ResolutionRequest {
        by: bic(MUMBAI),
        message_id: "Q-1".into(),
        reference: "R-1".into(),
        agent: Some(bic(VOLGA)),
        account: Some("RU-1".into()),
        proxy: None,
        name: None,
    };
    let acmt023 = outbound::write_resolution(&request, world.now, HUB).unwrap();
    let ends = (&bic(VOLGA), HUB);
    let acmt024 =
        outbound::write_resolution_answer("A-2", world.now, ends, ResolutionId(1), None, None).unwrap();
    let twice = |xml: &str, name: &str| {
        let (start, end) =
            (xml.find(&format!("<{name}>")).unwrap(), xml.find(&format!("</{name}>")).unwrap());
        let block = &xml[start..end + name.len() + 3];
        xml.replace(block, &format!("{block}{block}"))
    };
    let quote = format!("QUOTE:{}", payment.quote.unwrap());
    let notice = world.last_xml(EXCHANGE);
    // message | code | ISO reason
    let rows = [
        (pacs008.replace("<UETR>", "<UETR>x"), "iso20022.malformed", Some("FF01")),
        (pacs008.replace("<Nm>Malabar Spices</Nm>", ""), "pay.name_missing", Some("RR02")),
        (pacs008.replace("<Nm>Volga Machines</Nm>", ""), "pay.name_missing", Some("RR03")),
        (pacs008.replace(&quote, "QUOTE:zz"), "pay.quote_malformed", Some("AB04")),
        (
            pacs008.replace("<UETR>", "<TxId>T</TxId><UETR>").replace("94.34", "94.345"),
            "money.decimals",
            Some("CH20"),
        ),
        (twice(&pacs008, "CdtTrfTxInf"), "pay.one_at_a_time", None),
        (twice(&acmt023, "Vrfctn"), "pay.one_at_a_time", None),
        (pacs002.replace("ACCC", "ACTC"), "pay.status_unknown", None),
        (acmt024.replace(&ResolutionId(1).to_string(), "not-one"), "pay.resolution_unknown", Some("AG09")),
        (notice, "pay.message_unknown", None),
    ];
    for (xml, code, iso) in rows {
        let refusal = match inbound::understand(xml.as_bytes(), &bic(MUMBAI)) {
            Err(refusal) => refusal,
            Ok(message) => panic!("{code}: understood as {message:?}"),
        };
        assert_eq!((refusal.code.as_ref(), refusal.iso.as_deref()), (code, iso), "{refusal}");
        assert!(!refusal.next.is_empty(), "{refusal}");
    }
}
