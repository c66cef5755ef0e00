tender_contract::ledger_promises!(crate::store);
