//! The whole house: its machines in a virtual world, and the real binaries.

mod simulation;
