//! Independent judges: what gateways' own libraries sign is taken here and what is signed as it is read here their
//! libraries take; and a shop's day at published doubles of Stripe and PayU. `make judges` installs them, of one version each, from
//! PyPI, and names their Python in `TENDER_JUDGES`.

mod double;
#[path = "../shared/flow.rs"]
mod flow;
mod paypal;
mod payu;
mod sdk;
mod signatures;
#[path = "../paypal/signed.rs"]
mod signed;
mod stripe_double;
