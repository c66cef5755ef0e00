//! What the double keeps of a payment or a refund.

#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) amount: i64,
    pub(crate) order: String,
    pub(crate) taken: i64,
    pub(crate) refunded: i64,
    pub(crate) of: Option<String>,
}

impl Transaction {
    /// A person takes so much of it in the Backoffice.
    pub(crate) const fn captured(&mut self, minor: i64) {
        (self.status, self.taken) = ("CAPTURED", minor);
    }
}
