//! Many customers at once, and what they were told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tender_e2e::{Api, Tenant};
use tokio::task::JoinHandle;

use crate::dice::Dice;
use crate::shopper::Shopper;

/// What a customer was told of an order.
#[derive(Debug, Clone)]
pub struct Told {
    /// The intent.
    pub intent: String,
    /// Its status, as the answer had it.
    pub status: String,
    /// What was to be paid, in minor units.
    pub amount: i64,
    /// Whether the gateway disputes it once it is paid.
    pub is_disputed: bool,
    /// What was sent back, in minor units, and how that stood when it was told.
    pub refund: Option<(i64, String)>,
}

/// By order.
pub(crate) type Book = Arc<Mutex<BTreeMap<String, Told>>>;

/// Customers that pay, one order after the other, until they are stopped.
pub struct Load {
    pub(crate) shop: Tenant,
    pub(crate) book: Book,
    stop: Arc<AtomicBool>,
    customers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Sends so many customers to a shop.
    pub async fn begin(shop: Tenant, customers: usize, dice: &mut Dice) -> Self {
        let methods = Shopper::methods(&shop).await;
        let (book, stop) = (Book::default(), Arc::new(AtomicBool::new(false)));
        let customers = (0..customers).map(|_| {
            let shopper = Shopper {
                api: shop.api.clone(),
                methods: methods.clone(),
                dice: dice.fork(),
                book: Arc::clone(&book),
            };
            tokio::spawn(shop_until(shopper, Arc::clone(&stop)))
        });
        Self { customers: customers.collect(), shop, book, stop }
    }

    /// How many orders have been answered so far.
    ///
    /// # Panics
    /// When a customer has panicked.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.book.lock().expect("customers do not panic with it").len()
    }

    /// Waits until this many more orders have been answered.
    pub async fn until_answered(&self, more: usize) {
        let wanted = self.answered() + more;
        tender_e2e::eventually("orders are answered", || async { (self.answered() >= wanted).then_some(()) })
            .await;
    }

    /// Who calls.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.shop.api
    }

    /// Lets each finish its order, whatever it takes, and go.
    ///
    /// # Panics
    /// When one got an answer that must not be, or none.
    pub async fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for customer in self.customers.drain(..) {
            customer.await.expect("a customer was left without a proper answer");
        }
    }
}

async fn shop_until(mut shopper: Shopper, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        shopper.order().await;
    }
}
