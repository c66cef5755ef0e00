//! The books in memory keep the promises of books.

use tender_memory::MemorySimulatorBooks;

async fn books() -> (MemorySimulatorBooks, ()) {
    (MemorySimulatorBooks::new(), ())
}

tender_contract::simulator_books_promises!(books);
