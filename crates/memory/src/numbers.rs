//! Whole numbers beside ids, in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::{NumberKind, NumberLookup, Numbering};
use uuid::Uuid;

type Given = BTreeMap<(TenantId, &'static str), Vec<Uuid>>;

/// A book of numbers in memory: the number of a thing is its place in the list.
#[derive(Debug, Default)]
pub struct MemoryNumberBook(Mutex<Given>);

#[async_trait]
impl NumberLookup for MemoryNumberBook {
    async fn find(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        number: i64,
    ) -> Result<Option<Uuid>, StoreError> {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let list = given.get(&(tenant.clone(), kind.as_str()));
        Ok(place.and_then(|place| list?.get(place).copied()))
    }
}

#[async_trait]
impl Numbering for MemoryNumberBook {
    async fn numbers(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        ids: &[Uuid],
    ) -> Result<Vec<i64>, StoreError> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = given.entry((tenant.clone(), kind.as_str())).or_default();
        let mut new: Vec<Uuid> = ids.iter().copied().filter(|id| !list.contains(id)).collect();
        new.sort_unstable();
        new.dedup();
        list.extend(new);
        let place = |id: &Uuid| list.iter().position(|known| known == id).unwrap_or_default();
        Ok(ids.iter().map(|id| i64::try_from(place(id)).unwrap_or(i64::MAX).saturating_add(1)).collect())
    }
}
