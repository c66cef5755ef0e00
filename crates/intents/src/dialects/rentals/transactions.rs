//! What is read for a user, and under which numbers it is shown.

use std::sync::Arc;

use tender_domain::intents::{Channel, IntentFilter};
use tender_domain::kernel::{Caller, Cursor, Direction, IntentId, Limits, MethodId, PageRequest, TenantId};
use tender_domain::ports::NumberKind;
use tender_http::Problem;
use tender_http::storefront::rentals::{Named, Refused};
use uuid::Uuid;

use super::body::PaymentBody;
use super::history::{Kind, TransactionBody};
use crate::{IntentsError, IntentsService};

/// A user's newest payments are looked through, up to so many pages of them.
const PAGES_MAX: usize = 10;

/// All transactions of a user, as far as they are looked through; under their numbers only when they are shown.
pub(super) async fn all_of(
    service: &Arc<IntentsService>,
    caller: &Caller,
) -> Result<Vec<TransactionBody>, Refused> {
    let filter = IntentFilter {
        customer_id: Some(caller.subject.to_string()),
        channel: Some(Channel::Rentals),
        ..IntentFilter::default()
    };
    let (mut found, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let request = PageRequest::new(Limits::PAGE_ROWS, cursor, Direction::Older).unwrap_or_default();
        let page = service.list_intents(caller, filter.clone(), &request).await.map_err(fault)?;
        cursor = page.data.last().map(|intent| Cursor(intent.id.uuid()));
        let ids: Vec<IntentId> = page.data.iter().map(|intent| intent.id).collect();
        let refunds = service.refunds_of_intents(&caller.tenant, &ids).await.map_err(fault)?;
        for intent in &page.data {
            found.push(TransactionBody::payment(intent));
            let own = refunds.iter().filter(|refund| refund.intent_id == intent.id);
            found.extend(own.map(|refund| TransactionBody::refund(intent, refund)));
        }
        if !page.has_more {
            break;
        }
    }
    Ok(found)
}

/// The transactions under their numbers.
pub(super) async fn number(
    service: &IntentsService,
    tenant: &TenantId,
    transactions: &mut [TransactionBody],
) -> Result<(), Refused> {
    for kind in [Kind::Payment, Kind::Refund] {
        let wanted = |transaction: &&mut TransactionBody| transaction.kind == kind;
        let ids: Vec<Uuid> = transactions
            .iter()
            .filter(|transaction| transaction.kind == kind)
            .filter_map(|transaction| transaction.id.id())
            .collect();
        let numbers = match kind {
            Kind::Payment => service.storefront.payments.numbers(tenant, NumberKind::Payment, &ids).await?,
            Kind::Refund => service.storefront.refunds.numbers(tenant, NumberKind::Refund, &ids).await?,
        };
        for (transaction, number) in transactions.iter_mut().filter(wanted).zip(numbers) {
            transaction.id = Named::Number(number);
        }
    }
    Ok(())
}

/// The number of one payment.
pub(super) async fn number_of(service: &IntentsService, tenant: &TenantId, id: Uuid) -> Result<i64, Refused> {
    let numbers = service.storefront.payments.numbers(tenant, NumberKind::Payment, &[id]).await?;
    numbers.first().copied().ok_or_else(|| Refused::from(Problem::internal()))
}

/// A payment under its number.
pub(super) async fn numbered(
    service: &IntentsService,
    tenant: &TenantId,
    payment: &mut PaymentBody,
) -> Result<(), Refused> {
    if let Some(id) = payment.id.id() {
        payment.id = Named::Number(number_of(service, tenant, id).await?);
    }
    Ok(())
}

/// The method that the client knows by this number.
pub(super) async fn method(
    service: &IntentsService,
    tenant: &TenantId,
    number: i64,
) -> Result<Option<MethodId>, Refused> {
    let found = service.storefront.methods.find(tenant, NumberKind::Method, number).await?;
    Ok(found.map(MethodId::from_uuid))
}

/// What the client may hear of a fault.
pub(super) fn fault(error: IntentsError) -> Refused {
    Problem::from(error).into()
}
