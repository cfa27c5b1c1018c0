//! Lines of keys.
