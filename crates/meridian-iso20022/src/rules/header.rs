//! Header and document agree: which message, from whom to whom, under which identifier.

use crate::document::{Document, Element};
use crate::rules::Profile;
use crate::violation::Violation;

pub(super) fn check(header: &Document<'_>, document: &Document<'_>, profile: Profile) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut say = |path: &str, rule: &'static str, text: String| {
        broken.push(Violation { path: format!("/AppHdr/{path}"), rule, text });
    };
    let head = header.root();
    let told = head.value("MsgDefIdr").unwrap_or_default();
    if told != document.message() {
        say("MsgDefIdr", "header-message", format!("{told:?}, and the document is {}", document.message()));
    }
    let Some(body) = document.root().children().next() else { return broken };
    let agents = [("Fr", "InstgAgt", "sends"), ("To", "InstdAgt", "receives")];
    for (end, name, verb) in agents {
        let told = head.value(&format!("{end}/FIId/FinInstnId/BICFI"));
        let agent = agent(&body, name);
        if let (Some(told), Some(agent)) = (told, agent)
            && branch(told) != branch(agent)
        {
            say(
                &format!("{end}/FIId/FinInstnId/BICFI"),
                "header-agents",
                format!("the header says {told} {verb}, the document {agent}"),
            );
        }
    }
    let identifier = body.value("GrpHdr/MsgId").or_else(|| body.value("Assgnmt/Id"));
    if let (Profile::Cbpr, Some(told), Some(identifier)) = (profile, head.value("BizMsgIdr"), identifier)
        && told != identifier
    {
        say("BizMsgIdr", "header-identifier", format!("{told:?}, and the document's is {identifier:?}"));
    }
    broken
}

/// The instructing or instructed agent, of the group or of the only transaction.
fn agent<'d>(body: &Element<'d, '_>, name: &str) -> Option<&'d str> {
    let below = format!("{name}/FinInstnId/BICFI");
    ["GrpHdr", "CdtTrfTxInf", "TxInfAndSts", "TxInf"].iter().find_map(|place| body.find(place)?.value(&below))
}

/// ISO 9362: eight characters mean the head office, XXX.
fn branch(bic: &str) -> String {
    if bic.len() == 8 { format!("{bic}XXX") } else { bic.to_owned() }
}
