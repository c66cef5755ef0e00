//! A connection of one's own answers as long as the server does.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::PgConnection;
use tender_postgres::{OwnConnection, PoolOptions, open_pool};

use crate::probe::Fixture;

/// A read of one number.
fn asks(
    sql: &'static str,
) -> impl for<'c> Fn(&'c mut PgConnection) -> BoxFuture<'c, Result<i32, sqlx::Error>> {
    move |connection| sqlx::query_scalar(sql).fetch_one(connection).boxed()
}

const SESSION: &str = "SELECT pg_backend_pid()";

async fn own(fixture: &Fixture) -> OwnConnection {
    let connect = fixture.database.connect_as("probe").application_name("own");
    OwnConnection::like(&open_pool(&connect, PoolOptions::default()).await.expect("a pool"))
}

#[tokio::test]
async fn reads_go_by_one_connection_and_one_that_was_cut_while_it_idled_costs_no_answer() {
    let fixture = Fixture::start().await;
    let own = own(&fixture).await;
    let session = async || own.read(asks(SESSION)).await.expect("it is read");
    let first = session().await;
    assert_eq!(session().await, first, "the connection is kept");

    let cut = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
               WHERE application_name = 'own' AND datname = current_database()";
    assert!(fixture.number(cut).await >= 1);
    let second = session().await;
    assert_ne!(second, first, "another connection answers");
    assert_eq!(session().await, second, "and is kept in turn");
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_any_more_leaves_no_answer_to_the_next() {
    let fixture = Fixture::start().await;
    let own = own(&fixture).await;
    assert!(own.read(asks(SESSION)).await.is_ok());
    let slow = own.read(asks("SELECT 7 FROM pg_sleep(2)"));
    let late = tokio::time::timeout(std::time::Duration::from_millis(200), slow).await;
    assert!(late.is_err(), "nobody waits for it");
    assert_eq!(own.read(asks("SELECT 8")).await.expect("it is read"), 8);
}

#[tokio::test]
async fn what_the_server_refuses_is_told_and_the_next_read_is_answered() {
    let fixture = Fixture::start().await;
    let own = own(&fixture).await;
    let error = own.read(asks("SELECT 1 / 0")).await.expect_err("nothing can be divided by nothing");
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert!(own.read(asks(SESSION)).await.is_ok());
}
