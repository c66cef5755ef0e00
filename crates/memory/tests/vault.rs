//! Payment methods in memory keep the promises of the vault's store.

use tender_memory::MemoryMethodStore;

async fn store() -> (MemoryMethodStore, ()) {
    (MemoryMethodStore::default(), ())
}

tender_contract::method_promises!(store);
