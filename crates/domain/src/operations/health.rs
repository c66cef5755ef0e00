use std::time::Duration;

/// How well a part works. The order is from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthState {
    /// As it should.
    Up,
    /// It works, but slowly, late or in part.
    Degraded,
    /// It does not work.
    Down,
}

impl HealthState {
    /// The text form, as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// How one part works, as it was found just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubsystemHealth {
    /// How well.
    pub state: HealthState,
    /// What a person should know; nothing secret, nothing of one tenant.
    pub detail: Option<String>,
}

impl SubsystemHealth {
    /// It works.
    #[must_use]
    pub const fn up() -> Self {
        Self { state: HealthState::Up, detail: None }
    }

    /// It works, but.
    pub fn degraded(detail: impl Into<String>) -> Self {
        Self { state: HealthState::Degraded, detail: Some(detail.into()) }
    }

    /// It does not work.
    pub fn down(detail: impl Into<String>) -> Self {
        Self { state: HealthState::Down, detail: Some(detail.into()) }
    }
}

/// How the whole works: its parts with the time each took to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The parts, by the name each has.
    pub subsystems: Vec<(String, SubsystemHealth, Duration)>,
}

impl Health {
    /// As bad as its worst part.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.subsystems.iter().map(|(_, health, _)| health.state).max().unwrap_or(HealthState::Up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_as_bad_as_its_worst_part() {
        let of = |parts: &[SubsystemHealth]| {
            let subsystems =
                parts.iter().map(|part| ("part".to_owned(), part.clone(), Duration::ZERO)).collect();
            Health { subsystems }.state()
        };
        let (up, degraded, down) =
            (SubsystemHealth::up(), SubsystemHealth::degraded("late"), SubsystemHealth::down("away"));
        assert_eq!(of(&[]), HealthState::Up);
        assert_eq!(of(&[up.clone(), up.clone()]), HealthState::Up);
        assert_eq!(of(&[up.clone(), degraded.clone()]), HealthState::Degraded);
        assert_eq!(of(&[down, degraded, up]), HealthState::Down);
    }
}
