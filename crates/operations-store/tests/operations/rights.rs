use sqlx::AssertSqlSafe;

use crate::{pool, store};

#[tokio::test]
async fn the_service_can_delete_nothing_and_cannot_rename_a_tenant() {
    let (_store, database) = store().await;
    let pool = pool(&database).await;
    for sql in [
        "DELETE FROM operations.api_keys",
        "DELETE FROM operations.tenants",
        "DELETE FROM operations.tenant_settings",
        "DELETE FROM operations.locator",
        "UPDATE operations.locator SET tenant_id = 'mine'",
        "UPDATE operations.tenants SET display_name = 'mine'",
    ] {
        let refused = sqlx::query(AssertSqlSafe(sql)).execute(&pool).await;
        let code = refused
            .err()
            .and_then(|error| error.into_database_error())
            .and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}");
    }
}
