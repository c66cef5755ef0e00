//! Gateways of tenants' own connectors: the simulator under other names, which answers all alike when told to.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tender_domain::connectors::{
    AdapterError, Connector, ConnectorAdapters, ConnectorSecrets, Credentials, GatewayField, GatewayType,
};
use tender_domain::ports::PaymentGateway;
use tender_gateways::{NamedAccount, SimulatedAnswer};

pub(crate) struct Accounts {
    pub(crate) simulator: Arc<dyn PaymentGateway>,
    pub(crate) secrets: Arc<dyn ConnectorSecrets>,
}

static TYPES: &[GatewayType] = &[GatewayType {
    name: "simulator",
    fields: &[
        GatewayField { name: "answers", secret: false, required: false, account: false },
        GatewayField { name: "merchant", secret: false, required: false, account: true },
        GatewayField { name: "api_key", secret: true, required: false, account: false },
        GatewayField { name: "webhook_key", secret: true, required: false, account: false },
    ],
}];

#[async_trait]
impl ConnectorAdapters for Accounts {
    fn types(&self) -> &[GatewayType] {
        TYPES
    }

    async fn gateway(&self, connector: &Connector) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        let read = self.secrets.read(&connector.tenant, connector.id).await?;
        let read = read.ok_or_else(|| AdapterError::Unusable("its credentials were destroyed".to_owned()))?;
        self.made_of(connector, &read.fields)
    }

    fn made_of(
        &self,
        connector: &Connector,
        credentials: &Credentials,
    ) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        if credentials.get("api_key").is_some_and(|key| key.expose_secret() == "bad") {
            return Err(AdapterError::Unusable("`api_key` is no key".to_owned()));
        }
        let named = NamedAccount::new(&*connector.name, self.simulator.clone());
        let answer = connector.config.get("answers").and_then(|text| SimulatedAnswer::find(text));
        Ok(Arc::new(match answer {
            Some(answer) => named.answering(answer),
            None => named,
        }))
    }
}
