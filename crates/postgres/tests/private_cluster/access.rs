//! A cluster that was just made: durable, private, and in its place.

use std::{fs, path::PathBuf, time::Instant};

use tender_postgres::PrivateCluster;

use crate::support::{Place, ask, mode_of, options, owner_of, run};

#[tokio::test]
async fn a_new_folder_becomes_a_durable_cluster_that_serves() {
    let place = Place::new();
    let cluster = place.start().await;
    let database = cluster.connect_options();
    for (setting, expected) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("wal_level", "replica"),
        ("jit", "off"),
        ("max_connections", "40"),
        ("TimeZone", "UTC"),
    ] {
        let value = ask(&database, &format!("current_setting('{setting}')")).await.expect("answered");
        assert_eq!(value, expected, "{setting}");
    }
    assert_eq!(ask(&database, "current_database()").await.expect("answered"), "tender");
    assert_eq!(
        ask(&database, "SELECT datcollate FROM pg_database WHERE datname = 'tender'")
            .await
            .expect("answered"),
        "C.UTF-8"
    );
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn durability_cannot_be_switched_off_by_a_file_but_tuning_can_be_changed() {
    let place = Place::new();
    place.start().await.stop().await.expect("stopped");
    fs::write(place.root().join("postgresql.local.conf"), "fsync = off\nwork_mem = '7MB'\n")
        .expect("written");
    let cluster = place.start().await;
    let database = cluster.connect_options();
    assert_eq!(ask(&database, "current_setting('fsync')").await.expect("answered"), "on");
    assert_eq!(ask(&database, "current_setting('work_mem')").await.expect("answered"), "7MB");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn only_a_socket_in_a_closed_folder_leads_in() {
    let place = Place::new();
    let cluster = place.start().await;
    let database = cluster.connect_options();
    assert_eq!(ask(&database, "current_setting('listen_addresses')").await.expect("answered"), "");
    let socket = PathBuf::from(
        ask(&database, "trim(both '\"' from current_setting('unix_socket_directories'))")
            .await
            .expect("answered"),
    );
    let data = place.root().join("data");
    assert_eq!((mode_of(&socket), mode_of(&data)), (0o700, 0o700));
    assert_eq!(owner_of(&socket), owner_of(&data), "the server's own user");
    assert_ne!(owner_of(&data), 0, "PostgreSQL never runs as root");
    assert_eq!(mode_of(&socket.join(".s.PGSQL.5432")), 0o700);
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn what_was_written_is_there_after_stop_and_start() {
    let place = Place::new();
    let cluster = place.start().await;
    run(&cluster.connect_options(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        .await
        .expect("written");
    cluster.stop().await.expect("stopped");

    let started = Instant::now();
    let cluster = place.start().await;
    println!("start on an existing folder: {:?}", started.elapsed());
    assert!(!cluster.is_adopted());
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_folder_that_goes_with_the_server() {
    let place = Place::new();
    let root = place.root().join("long".repeat(30)).join("cluster");
    let cluster = PrivateCluster::start(&root, options()).await.expect("the cluster starts");
    let database = cluster.connect_options();
    let socket = database.get_socket().expect("a socket").clone();
    assert!(!socket.starts_with(&root), "{} cannot hold a socket", root.display());
    assert_eq!(mode_of(&socket), 0o700);
    assert_eq!(ask(&database, "1").await.expect("answered"), "1");
    let found = PrivateCluster::find_running(&root, "tender").expect("readable").expect("runs");
    assert_eq!(found.get_socket(), Some(&socket));
    cluster.stop().await.expect("stopped");
    assert!(!socket.exists(), "{} was left behind", socket.display());
    assert!(PrivateCluster::find_running(&root, "tender").expect("readable").is_none());
}

#[tokio::test]
async fn payment_data_in_failing_statements_does_not_reach_the_servers_log() {
    let place = Place::new();
    let cluster = place.start().await;
    let database = cluster.connect_options();
    run(&database, "CREATE TABLE t (card text UNIQUE); INSERT INTO t VALUES ('4242424242424242')")
        .await
        .expect("written");
    run(&database, "INSERT INTO t VALUES ('4242424242424242')").await.expect_err("a duplicate");
    run(&database, "SELEKT '4242424242424242'").await.expect_err("no SQL");
    cluster.stop().await.expect("stopped");
    let log = fs::read_to_string(place.root().join("postgres.log")).expect("there");
    assert!(log.contains("ready to accept connections"), "{log}");
    assert!(!log.contains("4242424242424242"), "{log}");
}
