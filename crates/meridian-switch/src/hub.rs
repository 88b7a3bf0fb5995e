//! What the switch needs of a hub, and the node as one.

use meridian_cards::{Command, Event, State};
use meridian_node::{AskError, Node};
use meridian_terms::{Moment, Refusal};

/// Why a hub gave no event.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// It was decided: no.
    #[error("{0}")]
    Refused(Refusal),
    /// The hub has stopped.
    #[error("the hub has stopped")]
    Stopped,
}

/// A hub with a cards book. An answer means that the event is durable.
pub trait Hub: Clone + Send + Sync + 'static {
    /// Asks for a scheme, and waits until the answer is durable.
    fn ask(&self, actor: &str, command: Command) -> impl Future<Output = Result<Event, HubError>> + Send;

    /// Looks at the book as of the last durable event.
    fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&State) -> R + Send + 'static,
    ) -> impl Future<Output = Result<R, HubError>> + Send;

    /// What the hub's clock shows.
    fn now(&self) -> Moment;
}

impl Hub for Node {
    async fn ask(&self, actor: &str, command: Command) -> Result<Event, HubError> {
        let done = Self::ask(self, actor, meridian_node::Command::Card(command)).await.map_err(told)?;
        match done.event {
            meridian_node::Event::Card(event) => Ok(event),
            other => unreachable!("a card command gives a card event, not {other:?}"),
        }
    }

    async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&State) -> R + Send + 'static,
    ) -> Result<R, HubError> {
        Self::read(self, move |hub| look(&hub.cards)).await.map_err(told)
    }

    fn now(&self) -> Moment {
        self.clock().now()
    }
}

fn told(error: AskError) -> HubError {
    match error {
        AskError::Refused(refusal) => HubError::Refused(refusal),
        AskError::Stopped => HubError::Stopped,
    }
}
