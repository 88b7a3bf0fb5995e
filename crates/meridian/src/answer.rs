//! What a subcommand ends with.

/// How the call ended; the exit code says the same to a script.
pub enum Answer {
    /// Done: exit 0.
    Done,
    /// The answer is a refusal, already told on stdout or stderr: exit 1.
    Refused,
    /// The call or the input is wrong: exit 2. The text names file:line:column and the next step.
    Wrong(String),
}
