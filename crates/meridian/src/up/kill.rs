//! The hub is killed between a payment's reservation and its decision: really, by signal 9, as a process of its own.
//!
//! What makes the payment due is said to the hub in this process. It then lets go of the journal, and a process of its own
//! opens it. The payer's bank sends the payment there; as soon as it is told that both legs are reserved the process is
//! killed. Another opens the same journal: the payment stands as it was told, the bank that cannot know sends it again as it
//! was, the payee's bank answers, and both legs are posted, once.

use meridian_deal::Contract;
use meridian_journal::FileJournal;
use meridian_node::{Event, verify};
use meridian_pay as pay;
use meridian_terms::{Micros, Uetr};
use serde_json::json;

use super::day::{Day, Order};
use super::deals::DealEntry;
use super::hosted::{Apart, Hosted};
use super::journey::capital;
use super::participant::expect;
use super::scenes::{Before, Moved};
use super::story::{Seen, Step, each_record};

impl Day<'_> {
    /// The goods arrive, and the hub is killed under the payment that makes due.
    pub(super) async fn arrive_on_a_killed_hub(
        &mut self,
        entry: &DealEntry,
        contract: &Contract,
    ) -> Result<(), String> {
        let before = self.paid(entry).await?;
        expect(self.say(entry, &entry.carrier, "arrived", "delivery receipt").await?, "arrived")?;
        let words = format!("The goods of {} arrive, and the last part of the price falls due.", entry.id);
        self.narrate(&entry.id, Step::Crash, words);
        let moved = self.node.read(Moved::of).await.map_err(|error| error.to_string())?;
        // The windows before it close by themselves within the moment the clock shows.
        let at = self.clock.now().plus(Micros::seconds(1));
        self.before = Some(Before { at, moved, purchases: 0 });
        let uetr = self.kill_and_restart(contract).await?;
        let paid = self.newly_paid(entry, &before).await?;
        self.tell(&entry.id, format!("{}.{paid}", capital("arrived")));
        self.story.show(
            Step::Crash,
            "the payment is reserved before the kill and committed after it, each once",
            json!({"deal": entry.id, "uetr": uetr.to_string()}),
            Seen::payment(uetr),
        );
        Ok(())
    }

    async fn kill_and_restart(&mut self, contract: &Contract) -> Result<Uetr, String> {
        let (payer, payee) = (contract.buyer_bank.clone(), contract.seller_bank.clone());
        let hub = self.hub.take().ok_or("the hub is not in this process")?;
        let (address, at) = (hub.address, self.clock.now());
        hub.stop().await?;

        let apart = Apart::start(self.corridor, self.data, at, address).await?;
        let pid = apart.pid();
        self.participants.work(payer.as_str()).await?;
        let signal = apart.kill()?;
        let (reserved, events) = self.last_reserved()?;
        let sound = self.verified()?;
        let uetr = reserved.instruction.uetr;
        let legs: Vec<String> = reserved
            .legs
            .legs
            .iter()
            .map(|leg| format!("{} to {} {}", leg.from, leg.to, leg.amount))
            .collect();
        eprintln!("process {pid}, the hub, was killed by signal {signal}");
        let words = format!(
            "{} pays; {} legs are reserved ({}). The hub's process is killed by signal {signal} before anybody has answered.",
            self.name_of(&payer),
            legs.len(),
            legs.join("; ")
        );
        self.narrate("crash", Step::Crash, words);

        let apart = Apart::start(self.corridor, self.data, at, address).await?;
        let stands = self.stands(payer.as_str(), uetr).await?;
        let again = expect(self.participants.told(payer.as_str(), Order::Resend).await?, "send again")?;
        self.participants.settle().await?;
        let then = self.stands(payer.as_str(), uetr).await?;
        apart.end().await?;
        let words = format!(
            "Another process opens the same journal: {events} events, every law holds. The payment stands as it was told ({stands}). \
             {} does not know and sends it again: a repeat. {} answers, and both legs are {then}.",
            self.name_of(&payer),
            self.name_of(&payee)
        );
        self.narrate("crash", Step::Crash, words);

        let hub = Hosted::again(self.corridor, self.data, self.clock.clone(), address).await?;
        (self.node, self.hub) = (hub.node.clone(), Some(hub));
        let (reservations, commitments) = self.counted(uetr)?;
        let posted = self.posted(uetr).await?;
        if (reservations, commitments, posted) != (1, 1, legs.len()) {
            return Err(format!(
                "{uetr}: reserved {reservations} times, committed {commitments} times, {posted} legs"
            ));
        }
        let facts = json!({"signal": signal, "events_at_kill": events, "state_hash_at_kill": sound, "stood": stands,
                           "is_repeat": again["is_repeat"], "legs": legs, "reservations": reservations,
                           "commitments": commitments, "legs_posted": posted});
        self.story.show(
            Step::Crash,
            "the hub's process is killed by signal 9 and started again on its journal",
            facts,
            Seen::Nowhere,
        );
        Ok(uetr)
    }

    /// The last thing the disk has: the reservation, and how many events there are.
    fn last_reserved(&self) -> Result<(Box<pay::Reservation>, u64), String> {
        let (mut events, mut last) = (0, None);
        each_record(self.data, |record| {
            events += 1;
            last = match &record.event {
                Event::Pay(pay::Event::Reserved(reservation)) => Some(reservation.clone()),
                // Letters taken from a mailbox are acknowledged after they were acted on.
                Event::Pay(pay::Event::Acknowledged { .. }) => last.take(),
                _ => None,
            };
        })?;
        last.map(|reservation| (reservation, events)).ok_or_else(|| "the payment was not reserved".into())
    }

    /// Replays the journal as `meridian verify` does; the state's hash.
    fn verified(&self) -> Result<String, String> {
        let mut journal = FileJournal::open_reading(self.data).map_err(|error| error.to_string())?;
        let found = verify(&mut journal, |_| {}).map_err(|error| error.to_string())?;
        Ok(blake3::Hash::from(found.state_hash).to_hex().to_string())
    }

    async fn stands(&self, bic: &str, uetr: Uetr) -> Result<String, String> {
        let uetr = uetr.to_string();
        let told = self.participants.told(bic, |reply| Order::Stands { uetr, reply }).await?;
        let body = expect(told, "how a payment stands")?;
        Ok(body["stage"].as_str().unwrap_or("unknown").to_owned())
    }

    /// How often the journal has the payment reserved, and committed.
    fn counted(&self, of: Uetr) -> Result<(usize, usize), String> {
        let (mut reserved, mut committed) = (0, 0);
        each_record(self.data, |record| match &record.event {
            Event::Pay(pay::Event::Reserved(reservation)) if reservation.instruction.uetr == of => {
                reserved += 1
            }
            Event::Pay(pay::Event::Committed { uetr, .. }) if *uetr == of => committed += 1,
            _ => {}
        })?;
        Ok((reserved, committed))
    }

    /// How many of its legs the hub has posted.
    async fn posted(&self, uetr: Uetr) -> Result<usize, String> {
        let posted = self.node.read(move |hub| {
            let payment = hub.pay.payment(uetr)?;
            let is_committed = matches!(payment.stage, pay::Stage::Committed { .. });
            payment.legs.as_ref().filter(|_| is_committed).map(|legs| legs.legs.len())
        });
        posted.await.map_err(|error| error.to_string()).map(Option::unwrap_or_default)
    }
}
