//! What is measured of Hamsa.

mod arrivals;
mod churn;
mod idle;
mod latency;
mod round_trips;
mod throughput;
mod wire;

pub use arrivals::Arrivals;
pub use churn::Churn;
pub use idle::Idle;
pub use latency::Latency;
pub use round_trips::RoundTrips;
pub use throughput::Throughput;
pub use wire::IdleWire;
