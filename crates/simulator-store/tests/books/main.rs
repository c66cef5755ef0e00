//! The books on a real PostgreSQL.

mod rig;

mod as_books {
    tender_contract::simulator_books_promises!(super::rig::books);
}

mod as_gateway {
    tender_contract::gateway_promises!(super::rig::gateway);
}

mod last_line;
mod restart;
