//! Hotels: what their dialect wants kept of a payment (annex, Hotels; seed `002_…`).
//!
//! A hotel's payment is an intent that is paid on the gateway's own page. Money moves by the intent alone; what stands
//! here is kept beside it, and no transition of an intent looks at it.

mod notification;
mod payment;
mod ports;
mod reservation;
mod settings;
#[cfg(test)]
mod tests;

pub use notification::{HotelNotification, NewNotification, NotificationWay, PaymentEnd};
pub use payment::{BookingChannel, HotelPayment};
pub use ports::{HotelStore, HotelWrite};
pub use reservation::{Booking, HotelReservation, ReservationStatus};
pub use settings::{HotelAgent, HotelSettings, HotelValues};
