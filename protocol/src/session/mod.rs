//! What two ends of HP1 do with each other: a client with a home (home link), a seeker with a counselor (ticket,
//! handshake, chat, sealed mail). The machines of the roles drive these modules; no module here knows a role.

pub mod chat;
pub mod handshake;
pub mod home_link;
pub mod mail;
pub mod ticket;
