//! Faults on purpose, one of each kind the sanitizers look for. Compiled only with `--cfg planted_faults`, which
//! scripts/test/sanitizers/ sets for builds of its own: it proves there that this library is what is being watched.

use napi_derive::napi;
use std::hint::black_box;
use std::thread::spawn;

static mut COUNTER: u64 = 0;

fn leak() {
    std::mem::forget(black_box(vec![1u8; 4096]));
}

fn use_after_free() -> u8 {
    let bytes = vec![1u8; 64];
    let pointer = black_box(bytes.as_ptr());
    drop(bytes);
    // SAFETY: none: it is the fault.
    unsafe { pointer.read_volatile() }
}

fn uninitialised() -> bool {
    let bytes: Vec<u8> = Vec::with_capacity(64);
    // SAFETY: none: it is the fault.
    unsafe { bytes.as_ptr().read_volatile() == 7 }
}

fn race() {
    let count = || {
        for _ in 0..1000 {
            // SAFETY: none: it is the fault.
            unsafe { (&raw mut COUNTER).write_volatile((&raw const COUNTER).read_volatile() + 1) };
        }
    };
    let other = spawn(count);
    count();
    other.join().unwrap_or_default();
}

/// Commits the fault of that name.
#[napi]
pub fn planted(name: String) {
    match name.as_str() {
        "leak" => leak(),
        "use-after-free" => drop(black_box(use_after_free())),
        "uninitialised" => println!("{}", if uninitialised() { "seven" } else { "other" }),
        "race" => race(),
        _ => {}
    }
}
