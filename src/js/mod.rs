//! The only way up into JavaScript. Everything that calls Node-API directly is in this module.

pub mod arguments;
pub mod at_exit;
pub mod env;
pub mod hot_calls;
pub mod memory;
pub mod reference;
pub mod upcall_scope;
pub mod wrapper;
