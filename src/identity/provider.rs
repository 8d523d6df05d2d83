//! Credentials of a source that issues them for a time: obtained when first asked for, renewed before they end and
//! after a 401.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::issued::Issued;
use super::renew::Life;
use super::service::{Calls, Setting};
use crate::client::{CallFailure, CredentialProvider, FinalKind, Verdict};
use crate::credentials::Credentials;
use crate::secret::Secret;

/// How long to leave the service alone after it refused who asks: IAM locks a user by default after five wrong passwords
/// in 15 minutes (vendor help page usermanual-iam/iam_01_0704).
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(5 * 60);

/// Something that issues credentials.
pub(super) trait Source: Send + Sync {
    /// Asks for new ones.
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure>;
}

/// The credentials of one source. Several threads may ask at once: one renews, the others use what is still valid.
pub(super) struct IssuedCredentials {
    source: Box<dyn Source>,
    setting: Setting,
    state: Mutex<State>,
    /// Held while the source is asked.
    renewing: Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The source has issued something before: from then on one attempt at a time, since the caller's next one
    /// tries again.
    has_issued: bool,
    /// No renewal ahead of time before this.
    next_try: Duration,
    /// A renewal has failed since the last one that did not.
    is_failing: bool,
    /// The secrets of what is held, and of what was held before it.
    secrets: [Vec<Secret>; 2],
    /// The secrets of a renewal that failed.
    leftovers: Vec<Secret>,
}

struct Held {
    credentials: Arc<Credentials>,
    life: Life,
    is_refused: bool,
}

impl Held {
    fn is_valid(&self, now: Duration) -> bool {
        !self.is_refused && now < self.life.ends_at
    }
}

impl IssuedCredentials {
    /// Nothing is asked for yet.
    pub(super) fn new(source: Box<dyn Source>, setting: Setting) -> Self {
        Self {
            source,
            setting,
            state: Mutex::default(),
            renewing: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is held, if it is still valid, and whether it is due for renewal.
    fn usable(&self) -> Option<(Arc<Credentials>, bool)> {
        let now = self.setting.clock.monotonic();
        let state = self.state();
        let held = state.held.as_ref().filter(|held| held.is_valid(now))?;
        let is_due = now >= held.life.renew_at.max(state.next_try);
        Some((Arc::clone(&held.credentials), is_due))
    }

    /// Asks the source. The secrets of two generations are kept out of sight: of the new credentials, and of those
    /// that a request still under way may use.
    fn obtain(&self) -> Result<Arc<Credentials>, CallFailure> {
        let started = self.setting.clock.monotonic();
        let (max_attempts, leftovers) = {
            let mut state = self.state();
            let all = self.setting.policy.max_attempts;
            let attempts = if state.has_issued { 1 } else { all };
            (attempts, std::mem::take(&mut state.leftovers))
        };
        self.forget(leftovers);
        let calls = Calls::new(&self.setting, max_attempts);
        let issued = self.source.obtain(&calls);
        let learned = calls.learned.into_inner();
        let mut state = self.state();
        match issued {
            Ok(issued) => {
                let life = Life::new(started, issued.lifetime);
                let credentials = Arc::new(issued.credentials);
                state.held = Some(Held {
                    credentials: Arc::clone(&credentials),
                    life,
                    is_refused: false,
                });
                state.has_issued = true;
                state.next_try = Duration::ZERO;
                state.is_failing = false;
                let [current, previous] = std::mem::take(&mut state.secrets);
                state.secrets = [learned, current];
                drop(state);
                self.forget(previous);
                let left = issued.lifetime.map(|lifetime| lifetime.as_secs());
                log::debug!(
                    "credentials issued, good for {}",
                    left.map_or_else(
                        || "a time that is not known".to_owned(),
                        |s| format!("{s} s")
                    )
                );
                Ok(credentials)
            }
            Err(failure) => {
                state.leftovers = learned;
                Err(failure)
            }
        }
    }

    /// Forgets what is in use no longer, by its value.
    fn forget(&self, mut secrets: Vec<Secret>) {
        let state = self.state();
        secrets.retain(|secret| !state.secrets.iter().flatten().any(|used| used == secret));
        drop(state);
        if !secrets.is_empty() {
            self.setting.keeper.forget(&secrets);
        }
    }

    /// Notes that a renewal ahead of time failed: a warning on the first.
    fn renewal_failed(&self, failure: &CallFailure) {
        let now = self.setting.clock.monotonic();
        let mut state = self.state();
        let pause = state
            .held
            .as_ref()
            .map_or(Duration::ZERO, |held| held.life.pause);
        let asked = failure.retry_after.unwrap_or_default();
        let pause = match failure.verdict {
            Verdict::Final(FinalKind::Unauthorized | FinalKind::Forbidden) => {
                pause.max(PAUSE_AFTER_REFUSAL)
            }
            _ => pause,
        };
        state.next_try = now.saturating_add(pause.max(asked));
        let first = !std::mem::replace(&mut state.is_failing, true);
        drop(state);
        let level = if first {
            log::Level::Warn
        } else {
            log::Level::Debug
        };
        log::log!(
            level,
            "the credentials were not renewed and stay in use while they are valid: {}",
            failure.reason
        );
    }
}

impl CredentialProvider for IssuedCredentials {
    fn current(&self) -> Result<Arc<Credentials>, CallFailure> {
        let guard = match self.usable() {
            Some((credentials, false)) => return Ok(credentials),
            Some((credentials, true)) => match self.renewing.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Ok(credentials),
            },
            None => self.renewing.lock().unwrap_or_else(PoisonError::into_inner),
        };
        // Another thread may have renewed them meanwhile.
        let held = self.usable();
        if let Some((credentials, false)) = held {
            return Ok(credentials);
        }
        let obtained = self.obtain();
        drop(guard);
        match (obtained, held) {
            (Ok(credentials), _) => Ok(credentials),
            (Err(failure), Some((old, _))) => {
                self.renewal_failed(&failure);
                Ok(old)
            }
            (Err(failure), None) => Err(failure),
        }
    }

    fn renew(&self, refused: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CallFailure> {
        let guard = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = &mut self.state().held {
            if !Arc::ptr_eq(&held.credentials, refused) {
                return Ok(Some(Arc::clone(&held.credentials)));
            }
            held.is_refused = true;
        }
        log::debug!("the credentials were refused: asking for others");
        let obtained = self.obtain()?;
        drop(guard);
        // A source that has no others: sending the same again could lock the key.
        Ok((obtained != *refused).then_some(obtained))
    }

    fn held(&self) -> Option<Arc<Credentials>> {
        let state = self.state();
        state
            .held
            .as_ref()
            .map(|held| Arc::clone(&held.credentials))
    }
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
