//! Operations in memory, and a service's copy of the keys, keep the same promises as in PostgreSQL.

mod operations {
    use tender_memory::MemoryOperationsStore;

    async fn store() -> (MemoryOperationsStore, ()) {
        (MemoryOperationsStore::default(), ())
    }

    tender_contract::operations_promises!(store);
}

mod api_keys {
    use tender_memory::MemoryApiKeyProjection;

    async fn projection() -> (MemoryApiKeyProjection, ()) {
        (MemoryApiKeyProjection::default(), ())
    }

    tender_contract::api_key_projection_promises!(projection);
}
