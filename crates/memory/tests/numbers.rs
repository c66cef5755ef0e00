//! Numbers in memory keep the promises of the port.

use std::sync::Arc;

use tender_memory::MemoryNumberBook;

async fn books() -> (Arc<MemoryNumberBook>, Arc<MemoryNumberBook>, ()) {
    let book = Arc::new(MemoryNumberBook::default());
    (Arc::clone(&book), book, ())
}

tender_contract::number_book_promises!(books);
