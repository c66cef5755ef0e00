use std::time::Instant;

use secrecy::SecretString;
use tender_composition::RandomIds;
use tender_settings::Settings;

use super::api::{Api, Places};
use super::arguments::DemoArguments;
use super::error::DemoError;
use super::stage::Stage;
use super::story::{self, Day};

/// Plays the day and checks that everything came out as it should.
///
/// # Errors
/// At the first thing that did not; the error says what and what to do.
pub async fn demo(arguments: &DemoArguments) -> Result<(), DemoError> {
    let key = std::fs::read_to_string(&arguments.key_file)
        .map_err(|source| DemoError::NoKey { path: arguments.key_file.clone(), source })?;
    let key = SecretString::from(key.trim());
    let (places, told) = if arguments.services {
        (Places::Five(Settings::load(None)?.services), "five services, each at its own port".to_owned())
    } else {
        (Places::One(arguments.url.clone()), arguments.url.clone())
    };
    let api = Api::new(places, key, Box::new(RandomIds));
    let mut stage = Stage::new(story::SCENES);
    let started = Instant::now();
    stage.title("A storefront's day with Tender", &format!("{told} · tenant sandbox · no real money"))?;
    let mut day = Day::default();
    story::play(&api, &mut stage, &mut day).await?;
    let seconds = started.elapsed().as_secs_f32();
    let calls = api.calls();
    stage.end(&format!(
        "The day is over: {calls} calls in {seconds:.1} s; every payment is in the ledger, balanced."
    ))?;
    Ok(())
}
