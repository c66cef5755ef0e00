use crate::store;

tender_contract::operations_promises!(store);
