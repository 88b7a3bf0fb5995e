//! What settlement knows.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger::{self as ledger, Kind};
use meridian_terms::{Bic, Currency, Day, Moment};

use crate::waiting::cover;
use crate::{
    Break, Circuit, Class, Correction, Entry, Model, Movement, Policy, Progress, Side, Stage, Trade, Window,
    WindowId,
};

/// Circuits, windows, policies, the queue, trades, corrections. The money itself is in the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) circuits: BTreeMap<Currency, Circuit>,
    pub(crate) windows: BTreeMap<WindowId, Window>,
    /// The number of each currency's open window.
    pub(crate) open: BTreeMap<Currency, u64>,
    /// Closed and not yet settled.
    pub(crate) unsettled: BTreeSet<WindowId>,
    pub(crate) instructions: BTreeMap<u128, (WindowId, usize)>,
    pub(crate) sub_caps: BTreeMap<(Bic, Currency), i128>,
    pub(crate) policies: BTreeMap<(Bic, Class), Policy>,
    /// Holders of accounts whose money lies with a participant.
    pub(crate) kept_with: BTreeMap<String, Bic>,
    pub(crate) queue: BTreeMap<u64, Entry>,
    /// Where each waiting id stands in the queue.
    pub(crate) places: BTreeMap<u128, u64>,
    pub(crate) last_place: u64,
    pub(crate) revisions: BTreeMap<Currency, u64>,
    pub(crate) trades: BTreeMap<u128, Trade>,
    pub(crate) corrections: BTreeMap<u128, Correction>,
    pub(crate) breaks: BTreeMap<Currency, (Day, BTreeMap<Bic, Break>)>,
    pub(crate) deadlines: BTreeSet<(Moment, Due)>,
}

/// What a deadline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) enum Due {
    /// A window closes, or is settled.
    Window(WindowId),
    /// An instruction is asked again.
    Instruction(u128),
    /// A payment has waited long enough.
    Entry(u64),
    /// A trade without its mirror lapses.
    Trade(u128),
}

impl State {
    /// How a currency settles.
    #[must_use]
    pub fn circuit(&self, currency: Currency) -> Option<&Circuit> {
        self.circuits.get(&currency)
    }

    /// A window.
    #[must_use]
    pub fn window(&self, id: WindowId) -> Option<&Window> {
        self.windows.get(&id)
    }

    /// Every window, by currency and number.
    pub fn windows(&self) -> impl Iterator<Item = (&WindowId, &Window)> {
        self.windows.iter()
    }

    /// A currency's open window: there is exactly one once its circuit is open.
    #[must_use]
    pub fn open_window(&self, currency: Currency) -> Option<WindowId> {
        self.open.get(&currency).map(|number| WindowId { currency, number: *number })
    }

    /// The window of a currency that is settled next.
    #[must_use]
    pub fn oldest_unsettled(&self, currency: Currency) -> Option<WindowId> {
        self.unsettled
            .range(WindowId { currency, number: 0 }..)
            .next()
            .copied()
            .filter(|id| id.currency == currency)
    }

    /// A trade that awaits its mirror.
    #[must_use]
    pub fn trade(&self, id: u128) -> Option<&Trade> {
        self.trades.get(&id)
    }

    /// What waits, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.queue.values()
    }

    /// A waiting payment.
    #[must_use]
    pub fn waits(&self, id: u128) -> Option<&Entry> {
        self.queue.get(self.places.get(&id)?)
    }

    /// In which currencies something waits.
    #[must_use]
    pub fn waiting_currencies(&self) -> BTreeSet<Currency> {
        let movements = self.queue.values().flat_map(|entry| &entry.movements);
        movements.map(|movement| movement.amount.currency()).collect()
    }

    /// The circuit of every currency that settles here.
    pub fn circuits(&self) -> impl Iterator<Item = &Circuit> {
        self.circuits.values()
    }

    /// The window and instruction an id names.
    #[must_use]
    pub fn instruction(&self, id: u128) -> Option<(WindowId, &crate::Instruction)> {
        let (window, number) = self.instructions.get(&id)?;
        Some((*window, &self.windows[window].instructions[*number]))
    }

    /// What becomes of a participant's payments short of cover: refused at once unless it said otherwise.
    #[must_use]
    pub fn policy(&self, participant: &Bic, class: Class) -> Policy {
        self.policies.get(&(participant.clone(), class)).copied().unwrap_or(Policy::Refuse)
    }

    /// How much of a closed window's credit a participant may spend before it is settled, minor units.
    #[must_use]
    pub fn sub_cap(&self, participant: &Bic, currency: Currency) -> i128 {
        self.sub_caps.get(&(participant.clone(), currency)).copied().unwrap_or(0)
    }

    /// Where the agent's last balances differed from ours, and for which day they were.
    #[must_use]
    pub fn breaks(&self, currency: Currency) -> Option<&(Day, BTreeMap<Bic, Break>)> {
        self.breaks.get(&currency)
    }

    /// Rises whenever a plan for this currency's queue would no longer hold.
    #[must_use]
    pub fn revision(&self, currency: Currency) -> u64 {
        self.revisions.get(&currency).copied().unwrap_or(0)
    }

    /// The earliest moment at which [`crate::Command::Tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// Credit of closed windows that the settlement agent has not settled and the sub-cap does not let be spent, minor
    /// units.
    #[must_use]
    pub fn locked(&self, participant: &Bic, currency: Currency) -> i128 {
        let sub_cap = self.sub_cap(participant, currency);
        let nets = self.unsettled_of(currency).filter_map(|window| window.nets.get(participant));
        nets.map(|net| (net - sub_cap).max(0)).sum()
    }

    /// What a participant may pay out now: what the ledger lets it, less what is [`Self::locked`]. Every book asks this
    /// before it reserves.
    #[must_use]
    pub fn spendable(&self, money: &ledger::State, participant: &Bic, currency: Currency) -> i128 {
        let available =
            money.account(cover(participant, currency)).map_or(0, |account| account.available().minor());
        match self.locked(participant, currency) {
            0 => available,
            _ => available.min(self.spendable_together(money, participant, currency)),
        }
    }

    /// What should stand on a participant's account at the settlement agent: its cover, less what is committed and not
    /// settled.
    #[must_use]
    pub fn expected_at_agent(&self, money: &ledger::State, participant: &Bic, currency: Currency) -> i128 {
        let all = [Kind::Cover, Kind::CardScheme, Kind::Fees];
        let booked = self.kept(money, participant, currency, &all, |account| account.balances.posted());
        let open = self.open_window(currency).and_then(|id| self.windows.get(&id));
        let unsettled = self.unsettled_of(currency).chain(open);
        let outstanding: i128 = unsettled
            .map(|window| {
                let accepted = window.instructions.iter().filter(|one| one.progress == Progress::Accepted);
                let paid: i128 = accepted
                    .map(|one| {
                        let amount = |side: &Side| match side {
                            Side::Participant(bic) if bic == participant => one.amount.minor(),
                            _ => 0,
                        };
                        amount(&one.to) - amount(&one.from)
                    })
                    .sum();
                window.nets.get(participant).copied().unwrap_or(0) - paid
            })
            .sum();
        booked - outstanding
    }

    /// The laws of this book that hold after every event; the first that does not, in words.
    ///
    /// # Errors
    /// Which law, with the values.
    pub fn check(&self, money: &ledger::State) -> Result<(), String> {
        for (id, window) in &self.windows {
            let sum: i128 = window.nets.values().sum();
            if sum != 0 {
                return Err(format!("the nets of window {id:?} sum to {sum}"));
            }
            let is_the_open_one = self.open.get(&id.currency) == Some(&id.number);
            if (window.stage == Stage::Open) != is_the_open_one {
                return Err(format!(
                    "window {id:?} is {}, the open one is {:?}",
                    window.stage.word(),
                    self.open
                ));
            }
            if (window.stage == Stage::Settled) == (self.unsettled.contains(id) || is_the_open_one) {
                return Err(format!("window {id:?} is {} and listed otherwise", window.stage.word()));
            }
        }
        for currency in self.circuits.keys() {
            let standing =
                money.account(crate::waiting::clearing(*currency)).map(|account| account.balances.posted());
            if standing != Some(0) {
                return Err(format!(
                    "the clearing account of {currency} stands at {standing:?}, not at zero"
                ));
            }
        }
        Ok(())
    }

    /// What a participant and those that keep their money with it may pay out together, less what is locked: the bound on
    /// what leaves its account at the settlement agent, whichever of those accounts it leaves from.
    pub(crate) fn spendable_together(&self, money: &ledger::State, bic: &Bic, currency: Currency) -> i128 {
        self.available_together(money, bic, currency) - self.locked(bic, currency)
    }

    pub(crate) fn available_together(&self, money: &ledger::State, bic: &Bic, currency: Currency) -> i128 {
        self.kept(money, bic, currency, &[Kind::Cover], |account| account.available().minor())
    }

    /// What a participant is to receive of windows that are not settled, the open one among them, minor units.
    pub(crate) fn to_receive(&self, bic: &Bic, currency: Currency) -> i128 {
        let open = self.open_window(currency).and_then(|id| self.windows.get(&id));
        let nets = self.unsettled_of(currency).chain(open).filter_map(|window| window.nets.get(bic));
        nets.map(|net| (*net).max(0)).sum()
    }

    /// As whom a holder of accounts settles: itself where its name is a BIC, the agent it keeps its money with
    /// (`PROVIDER@BANK`), or whoever was named for it.
    #[must_use]
    pub fn settles_as(&self, holder: &str) -> Option<Bic> {
        let own = || Bic::parse(holder.rsplit('@').next().unwrap_or(holder)).ok();
        self.kept_with.get(holder).cloned().or_else(own)
    }

    /// The sum over a participant's accounts of these kinds and those of whoever keeps its money with it: all of it lies
    /// on its one account at the settlement agent.
    fn kept(
        &self,
        money: &ledger::State,
        bic: &Bic,
        currency: Currency,
        kinds: &[Kind],
        amount: impl Fn(&ledger::Account) -> i128,
    ) -> i128 {
        let is_its = |account: &&ledger::Account| {
            account.currency == currency
                && kinds.contains(&account.kind)
                && self.settles_as(&account.participant).as_ref() == Some(bic)
        };
        money.accounts().iter().filter(is_its).map(amount).sum()
    }

    fn unsettled_of(&self, currency: Currency) -> impl Iterator<Item = &Window> {
        let first = WindowId { currency, number: 0 };
        let ids = self.unsettled.range(first..).take_while(move |id| id.currency == currency);
        ids.map(|id| &self.windows[id])
    }

    /// Movements that became final fall into the window that is open now. Books above call this in their own `apply`,
    /// so that membership follows the order of commits and nothing else. Currencies without a circuit are not settled
    /// here.
    pub fn observe<'a>(&mut self, movements: impl IntoIterator<Item = &'a Movement>, at: Moment) {
        for Movement { from, to, amount } in movements {
            let currency = amount.currency();
            let Some(id) = self.open_window(currency) else { continue };
            let window = self.windows.get_mut(&id).unwrap_or_else(|| panic!("no window {id:?}"));
            window.commit(from, to, amount.minor());
            if window.model == Model::Gross && window.commitments == 1 {
                self.set_due(id, Some(at));
            }
        }
    }

    pub(crate) fn set_due(&mut self, id: WindowId, due: Option<Moment>) {
        let window = self.windows.get_mut(&id).unwrap_or_else(|| panic!("no window {id:?}"));
        if let Some(before) = std::mem::replace(&mut window.due, due) {
            self.deadlines.remove(&(before, Due::Window(id)));
        }
        self.deadlines.extend(due.map(|due| (due, Due::Window(id))));
    }
}
