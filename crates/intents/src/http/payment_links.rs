//! `/v1/payments/payment-links`.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use tender_domain::kernel::{Caller, PaymentLinkId, PaymentLinkKind};
use tender_domain::payment_links::{LinkSending, PaymentLink};
use tender_http::{
    Authorized, Command, ListQuery, OptionalBody, Paginated, PlainQuery, Problem, ResponseExt, keep,
    parse_id, respond_json, scopes,
};

use super::expand::{Expand, ToIntent, may_open};
use super::intents::{Service, answer};
use super::payment_link_body::{
    CreateLinkBody, LinkBody, LinkQuery, LinkSentBody, NoBody, SendLinkBody, SendingsBody, UpdateLinkBody,
};
use super::problems::merchants_link;
use crate::IntentsService;

/// Where browsers reach this service: as it was set, or as this request came in.
pub(crate) fn base_of(request: &HttpRequest, service: &Arc<IntentsService>) -> String {
    if !service.links.public_url.is_empty() {
        return service.links.public_url.clone();
    }
    let info = request.connection_info();
    format!("{}://{}", info.scheme(), info.host())
}

/// That it is no customer who changes a link; another's is not there for them.
async fn of_a_merchant(caller: &Caller, id: PaymentLinkId, service: &Service) -> Result<(), Problem> {
    if caller.only_customer().is_some() {
        let _ = service.load_link(caller, id).await?;
    }
    merchants_link(caller)
}

/// How a link is shown: with its address, which is made again of the platform's secret.
fn shown(base: &str, service: &Arc<IntentsService>, link: &PaymentLink) -> LinkBody {
    let token = service.links.tokens.of(&link.tenant, link.id);
    LinkBody::of(link, format!("{base}/pay/{token}"), service.clock.now())
}

/// Makes a payment link.
///
/// Whoever has its `url` can pay it: send it to the customer only. Single links are paid once, however many tabs are
/// open.
#[utoipa::path(
    operation_id = "create_payment_link",
    tag = "payment-links",
    path = "/v1/payments/payment-links",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = CreateLinkBody,
    responses(
        (status = 201, description = "The link", body = LinkBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 422, description = "`invalid_payment_link`, a card number in a text, or what the settings do not permit: `amount_exceeds_limit`, `payment_method_type_not_allowed`", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/payment-links")]
pub(super) async fn create(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<CreateLinkBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    merchants_link(&caller)?;
    let wanted = command.body.into_wanted()?;
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink| keep(201, &shown(&base, &service, link));
    Ok(answer(&service.create_link(&caller, wanted, (&[], &base), command.key.as_ref(), present).await?))
}

/// Lists payment links, newest first.
#[utoipa::path(
    operation_id = "list_payment_links",
    tag = "payment-links",
    path = "/v1/payments/payment-links",
    params(
        LinkQuery,
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of links", body = Paginated<LinkBody>),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/payment-links")]
pub(super) async fn list(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsRead>,
    query: ListQuery<LinkQuery>,
    service: Service,
) -> Result<Paginated<LinkBody>, Problem> {
    let base = base_of(&request, &service);
    let page = service.list_links(&caller, query.filter.into(), &query.page).await?;
    let page = page.map(|link| shown(&base, &service, &link));
    Ok(Paginated::new(page, &query.page, LinkBody::uuid))
}

/// Reads a payment link.
#[utoipa::path(
    operation_id = "get_payment_link",
    tag = "payment-links",
    path = "/v1/payments/payment-links/{link_id}",
    params(
        ("link_id" = String, Path, description = "The link", example = "pl_01h2xcejqtf2nbrexx3vqjhp41"),
        ("expand[]" = inline(Option<Vec<ToIntent>>), Query, description = "What is opened: `payment_intent`"),
    ),
    responses(
        (status = 200, description = "The link", body = LinkSentBody),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
        (status = 404, description = "No such link", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/payment-links/{link_id}")]
pub(super) async fn get(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    PlainQuery(query): PlainQuery<Expand<ToIntent>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    may_open(&caller, &query.expand)?;
    let link = service.load_link(&caller, parse_id::<PaymentLinkKind>(&id)?).await?;
    let base = base_of(&request, &service);
    let sendings = service.sendings_of_link(&link).await?;
    let mut body = LinkSentBody::of(shown(&base, &service, &link), &sendings);
    if query.expand.contains(&ToIntent::PaymentIntent) {
        let intent = match link.intent {
            Some(id) => Some(service.get_intent(&caller, id).await?),
            None => None,
        };
        body.open_intent(intent.as_deref());
    }
    Ok(respond_json(200, &body).etag(link.version))
}

/// Gives a payment link another end, also after it expired.
#[utoipa::path(
    operation_id = "update_payment_link",
    tag = "payment-links",
    path = "/v1/payments/payment-links/{link_id}",
    params(
        ("link_id" = String, Path, description = "The link", example = "pl_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = UpdateLinkBody,
    responses(
        (status = 200, description = "The link", body = LinkBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such link", body = Problem),
        (status = 409, description = "`payment_link_status`: it is paid or was taken back", body = Problem),
        (status = 422, description = "`invalid_payment_link`: an end that cannot be", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/payment-links/{link_id}")]
pub(super) async fn update(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<UpdateLinkBody>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<PaymentLinkKind>(&id)?;
    of_a_merchant(&caller, id, &service).await?;
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink| keep(200, &shown(&base, &service, link));
    let end = command.body.expires_at;
    Ok(answer(&service.prolong_link(&caller, id, end, command.key.as_ref(), present).await?))
}

/// Takes a payment link back, unless money may be moving by it.
#[utoipa::path(
    operation_id = "cancel_payment_link",
    tag = "payment-links",
    path = "/v1/payments/payment-links/{link_id}/cancel",
    params(
        ("link_id" = String, Path, description = "The link", example = "pl_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    responses(
        (status = 200, description = "The link", body = LinkBody),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such link", body = Problem),
        (status = 409, description = "`payment_link_status`: it is paid, or being paid", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/payment-links/{link_id}/cancel")]
pub(super) async fn cancel(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<PaymentLinkKind>(&id)?;
    of_a_merchant(&caller, id, &service).await?;
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink| keep(200, &shown(&base, &service, link));
    Ok(answer(&service.cancel_link(&caller, id, command.key.as_ref(), present).await?))
}

/// Sends a payment link to its guest, by each channel once.
///
/// It is sent as soon as it can be; the same request with the same key sends nothing more.
#[utoipa::path(
    operation_id = "send_payment_link",
    tag = "payment-links",
    path = "/v1/payments/payment-links/{link_id}/send",
    params(
        ("link_id" = String, Path, description = "The link", example = "pl_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = SendLinkBody,
    responses(
        (status = 202, description = "It was asked for", body = SendingsBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such link", body = Problem),
        (status = 409, description = "`payment_link_status`: it cannot be paid now", body = Problem),
        (status = 422, description = "`recipient_required`, or `channel_not_available`", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/payment-links/{link_id}/send")]
pub(super) async fn send(
    request: HttpRequest,
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<SendLinkBody>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<PaymentLinkKind>(&id)?;
    of_a_merchant(&caller, id, &service).await?;
    let channels = command.body.into_channels()?;
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink, sendings: &[LinkSending]| keep(202, &SendingsBody::of(link, sendings));
    let sent = service.send_link(&caller, id, (&channels, &base), command.key.as_ref(), present).await?;
    Ok(answer(&sent))
}
