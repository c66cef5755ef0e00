//! Whose folder it is: two starters, foreign folders, users that cannot get there.

use std::time::Duration;
use std::{fs, os::unix::fs::PermissionsExt};

use tender_postgres::{PrivateCluster, PrivateClusterError};

use crate::support::{Place, ask, is_root, options, run};

#[tokio::test]
async fn the_second_starter_on_a_folder_is_told_which_process_has_it() {
    let place = Place::new();
    let cluster = place.start().await;
    let refusal = PrivateCluster::start(&place.root(), options()).await.err().expect("refused");
    let PrivateClusterError::InUse { process, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!(*process, Some(std::process::id()));
    assert!(refusal.to_string().contains("in use by another Tender"), "{refusal}");
    assert_eq!(ask(&cluster.connect_options(), "1").await.expect("the first is unharmed"), "1");
    cluster.stop().await.expect("stopped");
    place.start().await.stop().await.expect("free again");
}

#[tokio::test]
async fn of_many_starters_at_once_exactly_one_gets_the_folder() {
    let place = Place::new();
    let starters = (0..6).map(|_| {
        let root = place.root();
        tokio::spawn(async move { PrivateCluster::start(&root, options()).await })
    });
    let mut owners = Vec::new();
    for starter in starters.collect::<Vec<_>>() {
        match starter.await.expect("no panic") {
            Ok(cluster) => owners.push(cluster),
            Err(PrivateClusterError::InUse { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(owners.len(), 1);
    owners.remove(0).stop().await.expect("stopped");
}

#[tokio::test]
async fn another_process_finds_the_server_that_runs() {
    let place = Place::new();
    assert!(PrivateCluster::find_running(&place.root(), "tender").expect("readable").is_none());
    let cluster = place.start().await;
    let found = PrivateCluster::find_running(&place.root(), "tender").expect("readable").expect("runs");
    assert_eq!(ask(&found, "current_database()").await.expect("answered"), "tender");
    cluster.stop().await.expect("stopped");
    assert!(PrivateCluster::find_running(&place.root(), "tender").expect("readable").is_none());
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_refused_and_left_alone() {
    let place = Place::new();
    fs::create_dir(place.root()).expect("made");
    let holiday = place.root().join("holiday.jpg");
    fs::write(&holiday, "beach").expect("written");
    let refusal = PrivateCluster::start(&place.root(), options()).await.err().expect("refused").to_string();
    assert!(refusal.contains("holiday.jpg"), "{refusal}");
    assert_eq!(fs::read_dir(place.root()).expect("listed").count(), 1, "nothing was added");
}

#[tokio::test]
async fn a_first_start_that_was_killed_is_made_good_by_the_next() {
    let place = Place::new();
    let half = place.root().join("data.new");
    fs::create_dir_all(half.join("base")).expect("made");
    fs::write(half.join("PG_VERSION"), "15\n").expect("written");
    fs::set_permissions(place.root(), fs::Permissions::from_mode(0o711)).expect("opened");
    let cluster = place.start().await;
    assert_eq!(ask(&cluster.connect_options(), "1").await.expect("answered"), "1");
    assert!(!half.exists());
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_cluster_of_a_version_that_is_not_installed_is_not_touched_and_the_package_is_named() {
    let place = Place::new();
    place.start().await.stop().await.expect("stopped");
    fs::write(place.root().join("data/PG_VERSION"), "9\n").expect("written");
    let refusal = PrivateCluster::start(&place.root(), options()).await.err().expect("refused").to_string();
    assert!(refusal.contains("apt-get install") && refusal.contains("postgresql-9"), "{refusal}");
}

/// What only root meets: the server runs as somebody else, who must be able to get to the folder.
#[tokio::test]
async fn started_as_root_a_closed_folder_on_the_way_is_named() {
    if !is_root() {
        println!("not root: the server runs as this user, who made the folders");
        return;
    }
    let place = Place::new();
    let closed = place.root().join("closed");
    fs::create_dir_all(&closed).expect("made");
    fs::set_permissions(place.root(), fs::Permissions::from_mode(0o711)).expect("opened");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("closed");
    let refusal = PrivateCluster::start(&closed.join("a/pg"), options()).await.err().expect("refused");
    let PrivateClusterError::Unreachable { blocked_by, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!(*blocked_by, fs::canonicalize(&closed).expect("there"));
    assert!(refusal.to_string().contains("chmod o+x"), "{refusal}");

    fs::set_permissions(&closed, fs::Permissions::from_mode(0o711)).expect("opened");
    // A child that another test begins just now has the lock's file too, until it becomes its own program.
    let mut cluster = PrivateCluster::start(&closed.join("a/pg"), options()).await;
    for _ in 0..50 {
        let Err(PrivateClusterError::InUse { .. }) = &cluster else { break };
        tokio::time::sleep(Duration::from_millis(100)).await;
        cluster = PrivateCluster::start(&closed.join("a/pg"), options()).await;
    }
    cluster.expect("what the message said helps").stop().await.expect("stopped");
}

/// Root copies a cluster, or restores a backup, and the copy belongs to root.
#[tokio::test]
async fn started_as_root_data_that_belongs_to_root_is_given_to_the_servers_user() {
    if !is_root() {
        println!("not root: nothing could belong to root");
        return;
    }
    let place = Place::new();
    let cluster = place.start().await;
    run(&cluster.connect_options(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        .await
        .expect("written");
    cluster.stop().await.expect("stopped");
    let given =
        std::process::Command::new("chown").args(["-R", "0:0"]).arg(place.root()).status().expect("runs");
    assert!(given.success());
    let cluster = place.start().await;
    assert_eq!(ask(&cluster.connect_options(), "SELECT n FROM kept").await.expect("answered"), "7");
    cluster.stop().await.expect("stopped");
}
