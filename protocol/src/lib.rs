//! placeholder
/// Tickets.
pub mod ticket {
    /// Most bytes of first words in a ticket.
    pub const INTAKE_MAX: usize = 1_900;
}
