//! What the tests of the whole house share: a simulator that runs everybody's machines on a virtual clock, the real
//! binaries as processes, and a proxy that makes bad weather between them.

pub mod cast;
pub mod proxy;
pub mod sim;
pub mod store;
