//! The tables of docs/protocol.md against the code. Each comparison goes both ways, so that a number that was added
//! or removed on one side only is noticed too. Sentences are free: only their numbers are looked up.

mod cells;
mod code;
mod layout;
mod numbers;
mod page;
mod prose;
mod records;
mod shapes;
mod values;
