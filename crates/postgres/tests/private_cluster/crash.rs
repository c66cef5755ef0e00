//! What is left when a process is killed: the server, its owner, or both.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sqlx::{Connection, PgConnection};
use tender_postgres::{PrivateCluster, PrivateClusterError, PrivateClusterOptions};

use crate::support::{Place, ask, is_running, kill_hard, options, run, until};

#[tokio::test]
async fn a_killed_server_is_noticed_and_started_again_with_all_that_was_committed() {
    let place = Place::new();
    let mut cluster = place.start().await;
    let database = cluster.connect_options();
    run(&database, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").await.expect("committed");
    let killed = cluster.process().expect("runs");
    kill_hard(killed);
    let exit = cluster.wait().await;
    assert_eq!(exit.process, killed);
    assert!(exit.status.contains("9"), "{exit:?}");
    assert_eq!(cluster.process(), None);

    cluster.restart().await.expect("started again");
    assert_ne!(cluster.process(), Some(killed));
    assert_eq!(ask(&database, "SELECT n FROM kept").await.expect("the same options lead there"), "7");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn children_of_a_killed_server_that_are_too_busy_to_notice_do_not_keep_it_from_starting() {
    let place = Place::new();
    let mut cluster = place.start().await;
    let database = cluster.connect_options();
    let mut connection = PgConnection::connect_with(&database).await.expect("connected");
    let busy: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.expect("answered");
    let work = tokio::spawn(async move {
        // It looks for neither messages nor its parent.
        let _ = sqlx::raw_sql("DO $$ BEGIN LOOP END LOOP; END $$").execute(&mut connection).await;
    });
    until("the statement runs", async || {
        let state = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {busy} AND state = 'active'");
        ask(&database, &state).await.is_ok_and(|active| active == "1")
    })
    .await;
    kill_hard(cluster.process().expect("runs"));
    let _ = cluster.wait().await;
    cluster.restart().await.expect("started again");
    assert_eq!(ask(&database, "1").await.expect("answered"), "1");
    work.await.expect("its connection ended");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn restart_while_it_runs_ends_it_in_order_first() {
    let place = Place::new();
    let mut cluster = place.start().await;
    let first = cluster.process().expect("runs");
    cluster.restart().await.expect("started again");
    assert!(!is_running(first));
    assert_eq!(ask(&cluster.connect_options(), "1").await.expect("answered"), "1");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_cluster_that_is_dropped_takes_its_server_with_it() {
    let place = Place::new();
    let cluster = place.start().await;
    let process = cluster.process().expect("runs");
    drop(cluster);
    until("the server is gone", async || !is_running(process)).await;
}

#[tokio::test]
async fn the_server_of_a_killed_owner_is_adopted_as_it_runs() {
    let place = Place::new();
    let left = kill_an_owner(&place.root()).await;
    let mut cluster = place.start().await;
    assert!(cluster.is_adopted());
    assert_eq!(cluster.process(), Some(left));
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");

    kill_hard(left);
    assert_eq!(cluster.wait().await.process, left, "the end of an adopted server is noticed too");
    cluster.restart().await.expect("started again");
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn an_adopted_server_ends_with_its_new_owner() {
    let place = Place::new();
    let left = kill_an_owner(&place.root()).await;
    place.start().await.stop().await.expect("stopped");
    assert!(!is_running(left));
}

#[tokio::test]
async fn a_server_left_with_other_settings_is_ended_and_started_with_the_right_ones() {
    let place = Place::new();
    let left = kill_an_owner(&place.root()).await;
    let options = PrivateClusterOptions { max_connections: 41, ..options() };
    let cluster = PrivateCluster::start(&place.root(), options).await.expect("the cluster starts");
    assert!(!cluster.is_adopted() && !is_running(left));
    let database = cluster.connect_options();
    assert_eq!(ask(&database, "current_setting('max_connections')").await.expect("answered"), "41");
    assert_eq!(ask(&database, "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_server_left_behind_that_cannot_be_reached_is_ended_by_its_id() {
    let place = Place::new();
    let left = kill_an_owner(&place.root()).await;
    fs::remove_file(place.root().join("socket/.s.PGSQL.5432")).expect("a cleaner took the socket away");
    let cluster = place.start().await;
    assert!(!cluster.is_adopted() && !is_running(left));
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn owner_and_server_killed_together_start_again_with_all_that_was_committed() {
    let place = Place::new();
    let left = kill_an_owner(&place.root()).await;
    kill_hard(left);
    let cluster = place.start().await;
    assert!(!cluster.is_adopted());
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}

/// After a reboot the number in the file of a server that never ended may be anybody's.
#[tokio::test]
async fn a_number_that_now_belongs_to_a_stranger_neither_stops_the_start_nor_is_ended() {
    let place = Place::new();
    place.start().await.stop().await.expect("stopped");
    let mut stranger = Command::new("sleep").arg("600").spawn().expect("runs");
    let file = format!(
        "{}\n{}\n1752000000\n5432\n/nowhere\n\n1 1\nready\n",
        stranger.id(),
        place.root().join("data").display()
    );
    fs::write(place.root().join("data/postmaster.pid"), file).expect("written");
    let cluster = place.start().await;
    assert!(!cluster.is_adopted());
    assert!(is_running(stranger.id()));
    cluster.stop().await.expect("stopped");
    stranger.kill().and_then(|()| stranger.wait()).expect("ended");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why_and_nothing_is_left_running() {
    let place = Place::new();
    place.start().await.stop().await.expect("stopped");
    fs::write(place.root().join("postgresql.local.conf"), "no_such_setting = 1\n").expect("written");
    let refusal = PrivateCluster::start(&place.root(), options()).await.err().expect("refused");
    assert!(matches!(refusal, PrivateClusterError::Ended { .. }), "{refusal}");
    assert!(refusal.to_string().contains("no_such_setting"), "{refusal}");
    fs::remove_file(place.root().join("postgresql.local.conf")).expect("removed");
    place.start().await.stop().await.expect("starts once the cause is gone");
}

/// Lets a process of its own start the cluster, write a row and be killed. Gives the server left behind.
async fn kill_an_owner(root: &Path) -> u32 {
    let mut owner = Owner::start(root);
    let left = owner.serving();
    owner.0.kill().and_then(|()| owner.0.wait()).expect("killed");
    assert!(is_running(left), "a server outlives its killed owner");
    left
}

const OWNED_ROOT: &str = "TEST_OWNED_ROOT";

/// This very test binary once more, running only [`owner_in_a_process_of_its_own`].
struct Owner(Child);

impl Owner {
    fn start(root: &Path) -> Self {
        let binary = std::env::current_exe().expect("this binary");
        let child = Command::new(binary)
            .args(["--ignored", "--exact", "--nocapture", "crash::owner_in_a_process_of_its_own"])
            .env(OWNED_ROOT, root)
            .stdout(Stdio::piped())
            .spawn()
            .expect("runs");
        Self(child)
    }

    /// Waits until it tells the server's number.
    fn serving(&mut self) -> u32 {
        let lines = BufReader::new(self.0.stdout.take().expect("piped")).lines();
        lines
            .map(|line| line.expect("readable"))
            .find_map(|line| line.split("serving ").nth(1).map(str::to_owned))
            .expect("it serves before it ends")
            .parse()
            .expect("a number")
    }
}

#[tokio::test]
#[ignore = "not a test: the process that others here start and kill"]
async fn owner_in_a_process_of_its_own() {
    let Some(root) = std::env::var_os(OWNED_ROOT).map(PathBuf::from) else { return };
    let cluster = PrivateCluster::start(&root, options()).await.expect("the cluster starts");
    run(&cluster.connect_options(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        .await
        .expect("committed");
    println!("serving {}", cluster.process().expect("runs"));
    std::future::pending::<()>().await;
}
