//! Numbers that both languages have. A test compares them with js/constants.js.

use crate::core::events;
use crate::core::recv::end::PEEK_STATES;
use crate::core::runs::MAX_RUN_MESSAGES;
use crate::core::send::queue::MESSAGE_OVERHEAD_BYTES;
use crate::core::send::transmit::SEND_MODES;
use crate::sys::address::MAX_PATH;
use crate::sys::ancillary::MAX_FDS;
use napi_derive::napi;
use std::collections::HashMap;

#[napi(catch_unwind)]
pub fn constants() -> HashMap<String, u32> {
    let limits = [
        ("MAX_RUN_MESSAGES", MAX_RUN_MESSAGES as u32),
        ("MESSAGE_OVERHEAD_BYTES", MESSAGE_OVERHEAD_BYTES as u32),
        ("MAX_PATH", MAX_PATH as u32),
        ("MAX_FDS", MAX_FDS as u32),
    ];
    let all = limits.into_iter().chain(events::ALL).chain(PEEK_STATES).chain(SEND_MODES);
    all.map(|(name, value)| (name.to_string(), value)).collect()
}
