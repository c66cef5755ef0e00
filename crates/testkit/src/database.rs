use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tender_postgres::{Migration, migrate, role_name};

use crate::server::superuser;

const PASSWORD: &str = "only-for-tests";

/// A database of one test, migrated, with the services' roles; dropped with the value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    server: PgConnectOptions,
    roles: Vec<String>,
}

impl TestDatabase {
    /// Makes a database with these schemas, each brought up by its migrations.
    ///
    /// # Panics
    /// When there is no PostgreSQL or a migration fails: the test cannot go on, and the message says why.
    pub async fn create(schemas: &[(&str, &[Migration])]) -> Self {
        match Self::try_create(schemas).await {
            Ok(database) => database,
            Err(error) => panic!("no test database: {error:#}"),
        }
    }

    async fn try_create(schemas: &[(&str, &[Migration])]) -> anyhow::Result<Self> {
        let server = superuser().await?;
        let suffix = format!("{:08x}", rand::random::<u32>());
        let name = format!("tender_test_{suffix}");
        let mut connection = server.connect().await?;
        sqlx::query(AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )))
        .execute(&mut connection)
        .await?;
        connection.close().await?;
        let mut database = Self { name, server, roles: Vec::new() };
        let admin = database.admin().await;
        for (schema, migrations) in schemas {
            let role = role_name(schema, Some(&suffix));
            let _ = migrate(&admin, schema, &role, Some(&SecretString::from(PASSWORD)), migrations).await?;
            database.roles.push(role);
        }
        admin.close().await;
        Ok(database)
    }

    /// How the service of this schema connects: as its own role, with its own rights.
    #[must_use]
    pub fn connect_as(&self, schema: &str) -> PgConnectOptions {
        let prefix = format!("tender_{schema}_");
        let role = self.roles.iter().find(|role| role.starts_with(&prefix));
        let role = role.unwrap_or_else(|| panic!("the test database has no schema {schema}"));
        self.server.clone().database(&self.name).username(role).password(PASSWORD)
    }

    /// A pool of the superuser, for looking behind the scenes.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn admin(&self) -> PgPool {
        let options = self.server.clone().database(&self.name).disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await;
        pool.unwrap_or_else(|error| panic!("cannot reach the test database: {error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name, roles) = (self.server.clone(), self.name.clone(), std::mem::take(&mut self.roles));
        // Dropped on a thread of its own: the test's runtime may be ending. What fails is left to the server's end.
        let dropping = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                let Ok(mut connection) = server.connect().await else { return };
                let drop_database = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = sqlx::query(AssertSqlSafe(drop_database)).execute(&mut connection).await;
                for role in roles {
                    let _ = sqlx::query(AssertSqlSafe(format!("DROP ROLE IF EXISTS {role}")))
                        .execute(&mut connection)
                        .await;
                }
            });
        });
        let _ = dropping.join();
    }
}
