//! An example participant: knows its own key, the hub's address and the public API, nothing else.

use std::collections::BTreeMap;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use meridian_deal::national_currency;
use meridian_http::signature::{Covered, SigningKey, sign};
use meridian_http::wire::{AskQuotes, Letter, Quote};
use meridian_node::Clock;
use meridian_pay::{Bearer, Instruction, Priority, QuoteId, outbound};
use meridian_terms::{Bic, Country, Currency, Money, Party, Uetr};
use serde_json::{Value, json};

/// A participant with a connection to the hub.
pub(crate) struct Participant {
    bic: Bic,
    country: Country,
    key: SigningKey,
    hub: String,
    clock: Clock,
    client: Client<HttpConnector, Full<Bytes>>,
    /// The last letter it has.
    read: u64,
    /// How many messages it has sent.
    sent: u64,
    /// How many requests it has made under an idempotency key.
    asked: u64,
    /// The last payment it sent, as it went out: sent again as it is when nobody knows whether it arrived.
    last_payment: Vec<u8>,
}

/// Something the hub said no to.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// HTTP status.
    pub(crate) status: u16,
    /// The JSON body.
    pub(crate) body: Value,
}

impl Participant {
    pub(crate) fn new(bic: Bic, country: Country, key: SigningKey, hub: String, clock: Clock) -> Self {
        // A connection for each request: the hub may be another process by the next.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { bic, country, key, hub, clock, client, read: 0, sent: 0, asked: 0, last_payment: Vec::new() }
    }

    /// A signed request.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: Vec<u8>,
        idempotency_key: Option<&str>,
    ) -> Result<Told, String> {
        let target = format!("{}{path}", self.hub);
        let covered = Covered { method, target_uri: &target, body: &body, idempotency_key };
        let signed = sign(&self.key, self.bic.as_str(), &covered, self.clock.now());
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(&target)
            .header("content-type", kind)
            .header("content-digest", signed.content_digest)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| format!("{target}: {error}"))?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Told { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Result<Told, String> {
        self.call(method, path, "application/json", body.to_string().into_bytes(), None).await
    }

    /// A request that happens once, and whose refusal the journal keeps.
    async fn once(&mut self, path: &str, body: &Value) -> Result<Told, String> {
        self.asked += 1;
        let key = format!("{}-{}", self.bic, self.asked);
        self.call("POST", path, "application/json", body.to_string().into_bytes(), Some(&key)).await
    }

    /// Publishes a rate good for a day.
    pub(crate) async fn publish(
        &self,
        from: Currency,
        to: Currency,
        rate: &str,
        most: &str,
    ) -> Result<(), String> {
        let now = self.clock.now();
        let rate = json!({
            "from": from.code(), "to": to.code(), "rate": rate, "most": most,
            "valid_from": now.to_string(), "valid_until": now.plus(meridian_terms::Micros::days(365)).to_string(),
        });
        expect(self.json("PUT", "/v1/rates", &rate).await?, "publish a rate").map(|_| ())
    }

    /// Says what has happened to the goods.
    pub(crate) async fn present(&mut self, deal: &str, kind: &str, document: &str) -> Result<Told, String> {
        let digest = blake3::hash(format!("{deal} {document}").as_bytes()).to_hex().to_string();
        let body = json!({"kind": kind, "document": document, "digest": digest});
        self.once(&format!("/v1/deals/{deal}/evidence"), &body).await
    }

    /// Files a document under its name.
    pub(crate) async fn file(&mut self, deal: &str, name: &str) -> Result<Told, String> {
        let digest = blake3::hash(format!("{deal} {name}").as_bytes()).to_hex().to_string();
        self.once(&format!("/v1/deals/{deal}/documents"), &json!({"name": name, "digest": digest})).await
    }

    /// Says something besides evidence: `deals/<id>/declaration`, `deals/<id>/customs`, `licences`.
    pub(crate) async fn speak(&mut self, of: &str, body: &Value) -> Result<Told, String> {
        self.once(&format!("/v1/{of}"), body).await
    }

    /// Sends its last payment again, exactly as it was.
    pub(crate) async fn resend(&self) -> Result<Told, String> {
        self.call("POST", "/v1/messages", "application/xml", self.last_payment.clone(), None).await
    }

    /// How a payment of its own stands.
    pub(crate) async fn standing(&self, uetr: &str) -> Result<Told, String> {
        self.call("GET", &format!("/v1/payments/{uetr}"), "application/json", Vec::new(), None).await
    }

    /// Reads its mailbox and does what a bank does: pays what has fallen due, answers what it is asked. Returns how
    /// many letters there were.
    pub(crate) async fn work(&mut self) -> Result<usize, String> {
        let told = self
            .call("GET", &format!("/v1/mailbox?after={}", self.read), "application/json", Vec::new(), None)
            .await?;
        let letters: Vec<Letter> =
            serde_json::from_value(expect(told, "read the mailbox")?).map_err(|error| error.to_string())?;
        for letter in &letters {
            match (letter.kind.as_str(), &letter.xml, &letter.facts) {
                ("deal.payout_due", _, Some(facts)) => self.pay_what_is_due(facts).await?,
                (kind, Some(xml), _) if kind.starts_with("pacs.008") => self.accept(xml).await?,
                (kind, Some(xml), _) if kind.starts_with("pacs.009") => self.settle(xml).await?,
                _ => {}
            }
            self.read = letter.number;
        }
        if !letters.is_empty() {
            let told = self.json("POST", "/v1/mailbox/acknowledge", &json!({"upto": self.read})).await?;
            expect(told, "acknowledge")?;
        }
        Ok(letters.len())
    }

    async fn pay_what_is_due(&mut self, facts: &BTreeMap<String, String>) -> Result<(), String> {
        let fact = |name: &str| facts.get(name).cloned().unwrap_or_default();
        let refused = |refusal: meridian_terms::Refusal| refusal.to_string();
        let target = crate::boot::money(&fact("amount")).map_err(refused)?;
        let party = |role: &str| -> Result<Party, String> {
            let country = Country::parse(&fact(&format!("{role}_country"))).map_err(refused)?;
            Ok(Party { name: fact(role), country, lei: None, address: None })
        };
        let payment = Payment {
            document: Some(fact("document")),
            debtor: party("payer")?,
            creditor: party("payee")?,
            creditor_account: fact("payee_account"),
            creditor_agent: Bic::parse(&fact("payee_agent")).map_err(refused)?,
            target,
            source: None,
        };
        let told = self.pay(&payment).await?;
        expect(told, "pay what is due").map(|_| ())
    }

    /// Sends a payment that is to be answered at once.
    pub(crate) async fn pay(&mut self, payment: &Payment) -> Result<Told, String> {
        self.pay_with(payment, Priority::High).await
    }

    /// Sends a payment: at the best quote where currencies differ.
    pub(crate) async fn pay_with(&mut self, payment: &Payment, priority: Priority) -> Result<Told, String> {
        self.sent += 1;
        let own = payment.source.or_else(|| national_currency(self.country)).ok_or("no national currency")?;
        let seed = blake3::hash(format!("{} {}", self.bic, self.sent).as_bytes());
        let bits = u128::from_be_bytes(seed.as_bytes()[..16].try_into().unwrap_or([0; 16]));
        let (source, quote) = if own == payment.target.currency() {
            (payment.target, None)
        } else {
            let quote = self.best_quote(bits, own, payment.target).await?;
            let source = Money::try_from(&quote.source).map_err(|refusal| refusal.to_string())?;
            let id = u128::from_str_radix(&quote.id, 16).map_err(|error| error.to_string())?;
            (source, Some(QuoteId(id)))
        };
        let now = self.clock.now();
        let instruction = Instruction {
            uetr: Uetr::from_bits(bits),
            message_id: format!("{}-{}", self.bic, self.sent),
            end_to_end_id: format!("E2E-{}-{}", &self.bic.as_str()[..8], self.sent),
            priority,
            accepted_at: now,
            source,
            target: payment.target,
            quote,
            debtor: payment.debtor.clone(),
            debtor_account: format!("{}-0001", &self.bic.as_str()[..4]),
            debtor_agent: self.bic.clone(),
            creditor_agent: payment.creditor_agent.clone(),
            creditor: payment.creditor.clone(),
            creditor_account: payment.creditor_account.clone(),
            bearer: Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: Some("GDDS".into()),
            document: payment.document.clone(),
            remittance: format!("For {}", payment.document.as_deref().unwrap_or("goods")),
        };
        let xml = outbound::write_payment(&instruction, now).map_err(|refusal| refusal.to_string())?;
        self.last_payment = xml.into_bytes();
        self.resend().await
    }

    async fn best_quote(&self, id: u128, from: Currency, target: Money) -> Result<Quote, String> {
        let ask = AskQuotes {
            id: format!("{id:032x}"),
            from: from.to_string(),
            to: target.currency().to_string(),
            fixed: "target".into(),
            amount: target.amount().to_string(),
            creditor_agent: None,
            charge_bearer: None,
            own_charge: None,
        };
        let body = serde_json::to_value(ask).map_err(|error| error.to_string())?;
        let quotes = expect(self.json("POST", "/v1/quotes", &body).await?, "ask for quotes")?;
        let quotes: Vec<Quote> = serde_json::from_value(quotes).map_err(|error| error.to_string())?;
        quotes.into_iter().next().ok_or_else(|| "no quotes".to_owned())
    }

    /// A settlement agent that moves the money between its accounts.
    async fn settle(&mut self, xml: &str) -> Result<(), String> {
        self.sent += 1;
        let document =
            meridian_iso20022::read(xml.as_bytes()).map_err(|violations| violations[0].to_string())?;
        let uetr = document.root().value("FICdtTrf/CdtTrfTxInf/PmtId/UETR").unwrap_or_default();
        let uetr = Uetr::parse(uetr).map_err(|refusal| refusal.to_string())?;
        let message_id = format!("{}-{}", self.bic, self.sent);
        let answer = outbound::write_agent_answer(&message_id, self.clock.now(), uetr, "ACSC", None)
            .map_err(|refusal| refusal.to_string())?;
        let told = self.call("POST", "/v1/messages", "application/xml", answer.into_bytes(), None).await?;
        expect(told, "answer an instruction").map(|_| ())
    }

    /// A creditor agent that finds the account and credits it.
    async fn accept(&mut self, xml: &str) -> Result<(), String> {
        self.sent += 1;
        let document =
            meridian_iso20022::read(xml.as_bytes()).map_err(|violations| violations[0].to_string())?;
        let uetr = document.root().value("FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/UETR").unwrap_or_default();
        let uetr = Uetr::parse(uetr).map_err(|refusal| refusal.to_string())?;
        let message_id = format!("{}-{}", self.bic, self.sent);
        let answer = outbound::write_answer(&message_id, self.clock.now(), uetr, "ACCC", None)
            .map_err(|refusal| refusal.to_string())?;
        let told = self.call("POST", "/v1/messages", "application/xml", answer.into_bytes(), None).await?;
        expect(told, "answer a payment").map(|_| ())
    }
}

/// What a bank is asked to pay.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) document: Option<String>,
    pub(crate) debtor: Party,
    pub(crate) creditor: Party,
    pub(crate) creditor_account: String,
    pub(crate) creditor_agent: Bic,
    pub(crate) target: Money,
    /// Out of which currency; without it out of the payer's own.
    pub(crate) source: Option<Currency>,
}

/// The body of a success, or what was said instead.
pub(crate) fn expect(told: Told, what: &str) -> Result<Value, String> {
    if told.status < 300 { Ok(told.body) } else { Err(format!("{what}: {} {}", told.status, told.body)) }
}
