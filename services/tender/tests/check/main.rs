//! The auditor over a real PostgreSQL: books that are in order are clean, and each way to break them is found.

mod books;
mod faults;
mod tenant_first;
mod waiting;
