//! What handlers are given.

use std::sync::Arc;

use actix_web::web::Data;

use crate::OperationsService;

/// How handlers get at the service.
pub(super) type Service = Data<Arc<OperationsService>>;
