//! The refunds store in memory keeps the promises of every refunds store.

use tender_memory::MemoryRefundStore;

#[tokio::test]
async fn the_store_keeps_its_promises() {
    let store = MemoryRefundStore::default();
    tender_contract::refunds::all(&store).await;
    tender_contract::refunds::open_refunds_are_told_by_customer_intent_and_queue(&store).await;
    tender_contract::disputes::all(&MemoryRefundStore::default()).await;
    tender_contract::uploads::all(&MemoryRefundStore::default()).await;
    tender_contract::refund_policies::all(&MemoryRefundStore::default()).await;
    tender_contract::dispute_cases::all(&MemoryRefundStore::default()).await;
}
