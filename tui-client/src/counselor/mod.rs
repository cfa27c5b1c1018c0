//! The counselor's faces: the desk on a whole screen and the plain one line by line. They drive nothing but the
//! engine's two queues, and keep no transcript: what was said is gone with the process, or sooner.

mod events;
mod model;
mod plain;
mod run;
mod screen;
pub(crate) mod text;
mod update;
mod view;

pub(crate) use plain::run as run_plain;
pub(crate) use run::{Shift, run};
pub use view::{link_key, state_key};
