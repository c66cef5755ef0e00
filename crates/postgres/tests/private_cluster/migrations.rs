//! The migration runner.

use std::collections::BTreeSet;

use secrecy::SecretString;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tender_postgres::{MigrateError, Migration, PrivateCluster, migrate, role_name};

use crate::support::{Place, ask, run};

const FIRST: Migration = Migration {
    name: "0001_create_notes",
    sql: "CREATE TABLE notes (id int PRIMARY KEY, text text); GRANT SELECT, INSERT ON notes TO ${role};",
};
const SECOND: Migration = Migration {
    name: "0002_create_secrets",
    sql: "CREATE TABLE secrets (id int PRIMARY KEY); INSERT INTO ${schema}.secrets VALUES (1);",
};
const BROKEN: Migration = Migration {
    name: "0003_break_half_way",
    sql: "CREATE TABLE half (id int); INSERT INTO no_such_table VALUES (1);",
};

async fn pool(cluster: &PrivateCluster) -> PgPool {
    PgPoolOptions::new().max_connections(10).connect_with(cluster.connect_options()).await.expect("connected")
}

#[tokio::test]
async fn files_run_once_in_order_and_later_only_the_new_ones() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    let first = migrate(&admin, "notes", "tender_notes", None, &[FIRST]).await.expect("applied");
    assert_eq!((first.applied, first.already_applied), (vec![FIRST.name], 0));
    let second = migrate(&admin, "notes", "tender_notes", None, &[FIRST, SECOND]).await.expect("applied");
    assert_eq!((second.applied, second.already_applied), (vec![SECOND.name], 1));
    let third =
        migrate(&admin, "notes", "tender_notes", None, &[FIRST, SECOND]).await.expect("nothing to do");
    assert_eq!((third.applied, third.already_applied), (vec![], 2));
    let older = migrate(&admin, "notes", "tender_notes", None, &[FIRST])
        .await
        .expect("an older version still starts");
    assert!(older.applied.is_empty());
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn an_edited_file_is_refused_by_name_and_nothing_runs() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    migrate(&admin, "notes", "tender_notes", None, &[FIRST]).await.expect("applied").applied.clear();
    let edited = Migration { sql: "CREATE TABLE notes (id bigint)", ..FIRST };
    let refusal =
        migrate(&admin, "notes", "tender_notes", None, &[edited, SECOND]).await.expect_err("refused");
    assert!(matches!(refusal, MigrateError::Changed { .. }), "{refusal}");
    assert!(refusal.to_string().contains(FIRST.name), "{refusal}");
    let secrets =
        ask(&cluster.connect_options(), "to_regclass('notes.secrets') IS NULL").await.expect("answered");
    assert_eq!(secrets, "true");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_file_that_fails_leaves_no_trace_and_runs_again_when_mended() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    let files = [FIRST, SECOND, BROKEN];
    let refusal = migrate(&admin, "notes", "tender_notes", None, &files).await.expect_err("refused");
    assert!(matches!(&refusal, MigrateError::Failed { name, .. } if name == BROKEN.name), "{refusal}");
    assert!(refusal.to_string().contains("no_such_table"), "{refusal}");
    let trace = ask(&cluster.connect_options(), "to_regclass('notes.half') IS NULL").await.expect("answered");
    assert_eq!(trace, "true");
    let mended = [FIRST, SECOND, Migration { sql: "CREATE TABLE half (id int)", ..BROKEN }];
    let done = migrate(&admin, "notes", "tender_notes", None, &mended).await.expect("applied");
    assert_eq!((done.applied, done.already_applied), (vec![BROKEN.name], 2));
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_file_that_comes_too_late_is_refused() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    let done = migrate(&admin, "notes", "tender_notes", None, &[SECOND]).await.expect("applied");
    assert_eq!(done.applied, [SECOND.name]);
    let refusal =
        migrate(&admin, "notes", "tender_notes", None, &[FIRST, SECOND]).await.expect_err("refused");
    assert!(matches!(refusal, MigrateError::OutOfOrder { .. }), "{refusal}");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn the_service_role_may_do_what_was_granted_in_its_own_schema_and_nothing_else() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    for schema in ["notes", "other"] {
        let role = role_name(schema, Some("test"));
        let done = migrate(&admin, schema, &role, None, &[FIRST, SECOND]).await.expect("applied");
        assert_eq!(done.applied.len(), 2);
    }
    let role = cluster.connect_options_as("tender_notes_test");
    assert_eq!(ask(&role, "current_setting('search_path')").await.expect("answered"), "notes");
    run(&role, "INSERT INTO notes VALUES (1, 'mine')").await.expect("granted");
    assert_eq!(ask(&role, "SELECT text FROM notes").await.expect("granted"), "mine");
    for forbidden in [
        "UPDATE notes SET text = 'x'",
        "DELETE FROM notes",
        "SELECT * FROM secrets",
        "DELETE FROM _migrations",
        "CREATE TABLE notes.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "SELECT * FROM other.notes",
        "DROP TABLE notes",
        "CREATE ROLE friend",
        "SET ROLE tender_other_test",
    ] {
        let refusal = run(&role, forbidden).await.expect_err(forbidden).to_string();
        assert!(
            refusal.contains("permission denied") || refusal.contains("must be owner"),
            "{forbidden}: {refusal}"
        );
    }
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn many_processes_that_migrate_at_once_run_each_file_once() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    let starters = (0..8).map(|_| {
        let admin = admin.clone();
        tokio::spawn(async move { migrate(&admin, "notes", "tender_notes", None, &[FIRST, SECOND]).await })
    });
    let mut applied = Vec::new();
    for starter in starters.collect::<Vec<_>>() {
        applied.extend(starter.await.expect("no panic").expect("every starter succeeds").applied);
    }
    assert_eq!(applied.len(), 2, "{applied:?}");
    assert_eq!(applied.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([FIRST.name, SECOND.name]));
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn two_databases_of_one_cluster_may_create_the_same_role_at_once() {
    let place = Place::new();
    let cluster = place.start().await;
    let mut starters = Vec::new();
    for database in ["one", "two", "three", "four"] {
        run(&cluster.connect_options(), &format!("CREATE DATABASE {database}")).await.expect("created");
        let admin =
            PgPool::connect_with(cluster.connect_options().database(database)).await.expect("connected");
        starters.push(tokio::spawn(
            async move { migrate(&admin, "notes", "tender_notes", None, &[FIRST]).await },
        ));
    }
    for starter in starters {
        let done = starter.await.expect("no panic").expect("applied");
        assert_eq!(done.applied, [FIRST.name]);
    }
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_password_with_quotes_arrives_whole_and_is_stored_only_as_a_verifier() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    let password = SecretString::from(r#"it's "quoted" \ $$ text"#);
    let done = migrate(&admin, "notes", "tender_notes", Some(&password), &[FIRST]).await.expect("applied");
    assert_eq!(done.applied, [FIRST.name]);
    let database = cluster.connect_options();
    let stored = ask(&database, "SELECT rolpassword FROM pg_authid WHERE rolname = 'tender_notes'")
        .await
        .expect("set");
    assert!(stored.starts_with("SCRAM-SHA-256$"), "{stored}");
    let kept = migrate(&admin, "notes", "tender_notes", None, &[FIRST]).await.expect("nothing to do");
    assert_eq!(kept.already_applied, 1);
    let after = ask(&database, "SELECT rolpassword FROM pg_authid WHERE rolname = 'tender_notes'")
        .await
        .expect("set");
    assert_eq!(after, stored, "no password given leaves it as it is");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_role_that_could_do_everything_is_refused_for_a_service() {
    let place = Place::new();
    let cluster = place.start().await;
    let admin = pool(&cluster).await;
    run(&cluster.connect_options(), "CREATE ROLE tender_notes SUPERUSER CREATEDB LOGIN")
        .await
        .expect("created");
    let refusal =
        migrate(&admin, "notes", "tender_notes", None, &[FIRST]).await.expect_err("refused").to_string();
    assert!(refusal.contains("SUPERUSER, CREATEDB"), "{refusal}");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn an_administrator_without_superuser_rights_can_migrate() {
    let place = Place::new();
    let cluster = place.start().await;
    let setup = "CREATE ROLE deployer LOGIN CREATEROLE; GRANT CREATE ON DATABASE tender TO deployer";
    run(&cluster.connect_options(), setup).await.expect("created");
    let admin = PgPool::connect_with(cluster.connect_options_as("deployer")).await.expect("connected");
    let password = SecretString::from("secret");
    for _ in 0..2 {
        let done =
            migrate(&admin, "notes", "tender_notes", Some(&password), &[FIRST]).await.expect("applied");
        assert_eq!(done.applied.len() + done.already_applied, 1);
    }
    cluster.stop().await.expect("stopped");
}
