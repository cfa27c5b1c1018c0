//! What the tests of the whole house share: a simulator that runs everybody's machines on a virtual clock.

pub mod sim;
