//! The seeker's faces: a whole screen and plain lines, over one model and one description of every page. They
//! drive nothing but the engine's two queues, keep no transcript, and ask for no name. They open no file but the
//! notebook's, on request.

mod events;
mod keys;
mod message;
mod model;
mod notebook;
mod page;
mod pause;
mod plain;
mod run;
mod screen;
mod update;
mod view;

pub(crate) use plain::run as run_plain;
pub(crate) use run::run;

#[cfg(test)]
mod chance;
#[cfg(test)]
mod tests;
