//! What fuzzing looks at: code that reads bytes of strangers, with what must hold of it.
//!
//! Off by default. `cargo xtask fuzz` runs these for as long as it is told to; the tests of this
//! crate run them over the seeds and over everything that was ever found (`fuzz/seeds`).

/// A policy, an action, a resource and facts, with a zero byte between them.
///
/// # Panics
/// When the evaluator says something else than the language's definition.
pub fn policy(data: &[u8]) {
    crate::policy::fuzz::compare(data);
}

/// The `Content-Type` of a form, a zero byte, and its body.
///
/// # Panics
/// When a form is read in one way in one piece, and in another in many.
pub fn form(data: &[u8]) {
    crate::form::fuzz::compare(data);
}

/// A host, a zero byte, and a key or a path.
///
/// # Panics
/// When a key is not the literal text that it was, or two readers of a URL disagree.
pub fn key(data: &[u8]) {
    crate::hosts::fuzz::compare(data);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn each_seed(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let mut seeds = 0;
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            run(&bytes);
            seeds += 1;
        }
        assert!(seeds > 3, "only {seeds} seeds of {target}");
    }

    #[test]
    fn seeds_of_policies_hold() {
        each_seed("policy", super::policy);
    }

    #[test]
    fn seeds_of_forms_hold() {
        each_seed("form", super::form);
    }

    #[test]
    fn seeds_of_keys_hold() {
        each_seed("key", super::key);
    }
}
