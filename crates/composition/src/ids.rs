use rand::TryRngCore;
use rand::rngs::OsRng;
use tender_domain::ports::Ids;
use uuid::Uuid;

/// Ids and secrets of the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of ids")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        // Without random numbers nothing this process makes is safe: it must not go on.
        OsRng.try_fill_bytes(&mut secret).expect("the operating system gives random numbers");
        secret
    }
}
