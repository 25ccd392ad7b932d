//! What happens when an environment of Node.js ends.

use super::env::Js;
use crate::uv::guarded;
use napi::{Env, sys};
use std::cell::RefCell;
use std::rc::Weak;

/// Called by the cleanup hook of the environment. Node-API calls are still allowed, JavaScript does not run any more.
pub trait AtExit {
    fn at_exit(&self);
}

/// The targets in one environment.
struct Targets {
    env: sys::napi_env,
    list: Vec<Weak<dyn AtExit>>,
}

thread_local! {
    /// The environments of this thread. All targets of an environment share one cleanup hook, which stays until the environment ends:
    /// finalizers cannot remove it, because Node.js aborts if a hook is removed while no context is entered.
    static ENVIRONMENTS: RefCell<Vec<Targets>> = const { RefCell::new(Vec::new()) };
}

/// Calls `target.at_exit()` when the environment ends, if `target` still exists then. Returns false if the hook cannot be added.
pub fn at_exit(js: &Js, target: Weak<dyn AtExit>) -> bool {
    let env = js.raw();
    ENVIRONMENTS.with(|environments| {
        let mut environments = environments.borrow_mut();
        if let Some(targets) = environments.iter_mut().find(|targets| targets.env == env) {
            targets.list.retain(|target| target.strong_count() > 0);
            targets.list.push(target);
            return true;
        }
        let added = Env::from_raw(env).add_env_cleanup_hook(env, run).is_ok();
        if added {
            environments.push(Targets { env, list: vec![target] });
        }
        added
    })
}

fn run(env: sys::napi_env) {
    let targets = ENVIRONMENTS.try_with(|environments| {
        let mut environments = environments.borrow_mut();
        let at = environments.iter().position(|targets| targets.env == env)?;
        Some(environments.swap_remove(at).list)
    });
    for target in targets.ok().flatten().unwrap_or_default() {
        if let Some(target) = target.upgrade() {
            guarded(|| target.at_exit());
        }
    }
}
