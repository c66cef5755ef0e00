//! The routes, one resource a file.

pub(crate) mod health;
pub(crate) mod internal_keys;
pub(crate) mod keys;
mod problem;
pub(crate) mod settings;

use std::sync::Arc;

use actix_web::web::Data;

use crate::OperationsService;

/// How handlers get at the service.
type Service = Data<Arc<OperationsService>>;
