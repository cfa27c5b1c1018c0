//! What the tests of the whole house share: a simulator that runs everybody's machines on a virtual clock, the real
//! binaries as processes, a proxy that makes bad weather between them, and the fuzz targets.

pub mod cast;
pub mod fuzz;
pub mod model;
pub mod proxy;
pub mod sim;
pub mod store;
