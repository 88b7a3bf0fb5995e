//! What the switch needs of a hub, and the node as one.

use std::sync::Arc;

use meridian_cards::{Command, Event, State};
use meridian_node::{AskError, Desk, Node};
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
        put(self, actor, meridian_node::Command::Card(command)).await
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

/// A node and a desk: every merchant that asks is screened before the hub hears of it. What is not clear, or cannot be
/// screened, is a case and is declined with 62.
#[derive(Clone)]
pub struct Screening {
    /// The hub.
    pub node: Node,
    /// Who screens.
    pub desk: Arc<Desk>,
}

impl Hub for Screening {
    async fn ask(&self, actor: &str, command: Command) -> Result<Event, HubError> {
        let record = match &command {
            Command::Ask { request, .. } => self.desk.merchant(request, self.node.clock().now().day()),
            _ => None,
        };
        let asked = meridian_node::Command::Card(command);
        let asked = match record {
            Some(record) => meridian_node::Command::Screened(Box::new(record), Some(Box::new(asked))),
            None => asked,
        };
        put(&self.node, actor, asked).await
    }

    async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&State) -> R + Send + 'static,
    ) -> Result<R, HubError> {
        Hub::read(&self.node, look).await
    }

    fn now(&self) -> Moment {
        self.node.clock().now()
    }
}

async fn put(node: &Node, actor: &str, command: meridian_node::Command) -> Result<Event, HubError> {
    let done = node.ask(actor, command).await.map_err(told)?;
    match done.event.card() {
        Some(event) => Ok(event.clone()),
        None => unreachable!("a card command gives a card event, not {:?}", done.event),
    }
}

fn told(error: AskError) -> HubError {
    match error {
        AskError::Refused(refusal) => HubError::Refused(refusal),
        AskError::Stopped => HubError::Stopped,
    }
}
