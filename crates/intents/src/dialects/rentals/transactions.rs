//! What is read for a user, and under which numbers it is shown.

use chrono::TimeDelta;
use tender_domain::kernel::{Caller, MethodId, TenantId};
use tender_domain::ports::NumberKind;
use tender_domain::refunds::{OpenRefund, OpenRefundsOf};
use tender_http::Problem;
use tender_http::storefront::rentals::{Named, Refused};
use uuid::Uuid;

use super::body::PaymentBody;
use super::history::{HistoryBody, Kind, TransactionBody, Wanted};
use crate::use_cases::ToldPayment;
use crate::{IntentsError, IntentsService};

/// The most refunds of one user or payment that are open at once and shown.
const OPEN_MAX: usize = 1_000;
/// For how long after its end a refund is asked for as one that is open: by then its event has told of it.
const TOLD_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// The page of a user's transactions that is wanted.
pub(super) async fn page_of(
    service: &IntentsService,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<HistoryBody, Refused> {
    let (tenant, mut filter) = (&caller.tenant, wanted.filter(&caller.subject));
    if wanted.wants_refunds() {
        filter.open = untold(service, tenant, OpenRefundsOf::Customer(filter.customer_id.clone())).await?;
    }
    let (skip, limit) = wanted.place();
    let page = service.store.transactions(tenant, &filter, skip, limit).await?;
    let mut shown: Vec<TransactionBody> = page.rows.into_iter().map(TransactionBody::from).collect();
    number(service, tenant, &mut shown).await?;
    Ok(wanted.page_of(page.total, shown))
}

/// The refunds of which no event may have told yet, newest first.
async fn untold(
    service: &IntentsService,
    tenant: &TenantId,
    of: OpenRefundsOf,
) -> Result<Vec<OpenRefund>, Refused> {
    let since = service.clock.now() - TOLD_WITHIN;
    Ok(service.open_refunds.open_refunds(tenant, &of, Some(since), OPEN_MAX).await?)
}

/// The refunds of a payment whose outcome is open, but for those that were told of as ended meanwhile; oldest first.
pub(super) async fn open_refunds_of(
    service: &IntentsService,
    told: &ToldPayment,
) -> Result<Vec<OpenRefund>, Refused> {
    let mut open = untold(service, &told.intent.tenant, OpenRefundsOf::Intent(told.intent.id)).await?;
    open.retain(|open| told.refunds.iter().all(|known| known.id != open.id));
    open.reverse();
    Ok(open)
}

/// The transactions under their numbers.
async fn number(
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
