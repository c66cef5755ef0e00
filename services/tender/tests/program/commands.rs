use crate::program::{Place, Running, output, tender, text};

#[tokio::test]
async fn tenants_and_keys_are_made_beside_a_running_tender_and_without_one() {
    let place = Place::new();
    let data = place.data();
    let running = Running::start(&data).await;
    let made = output(tender(&["tenant", "create", "acme", "--display-name", "Acme"], &data)).await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    let again = output(tender(&["tenant", "create", "acme"], &data)).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("`acme` exists"), "{}", text(&again.stderr));

    let create =
        ["key", "create", "--tenant", "acme", "--name", "shop", "--role", "read_only", "--expires-in", "1h"];
    let key = text(&output(tender(&create, &data)).await.stdout);
    let ask = async |key: &str, path: &str| {
        let request = reqwest::Client::new().get(format!("{}{path}", running.url)).bearer_auth(key);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(ask(&key, "/v1/payments/intents").await, 200, "it works on its first call");
    let own = running.call("GET", "/v1/payments/keys", None).await.1;
    assert_eq!(own["data"].as_array().map(Vec::len), Some(1), "no tenant sees another's keys: {own}");
    running.end().await;

    // Nothing runs now: the commands start PostgreSQL for themselves, and end it.
    let list = text(&output(tender(&["tenant", "list"], &data)).await.stdout);
    let names: Vec<&str> = list.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(names, ["acme", "sandbox"]);
    let page = output(tender(&["key", "create", "--tenant", "acme", "--publishable"], &data)).await;
    assert!(text(&page.stdout).starts_with("pk_test_"), "{}", text(&page.stderr));
    assert!(!data.join("postgres/data/postmaster.pid").exists());
}

#[tokio::test]
async fn a_command_that_cannot_be_done_says_why_and_what_to_do() {
    let place = Place::new();
    for (arguments, told) in [
        (&["tenant", "list"][..], "no data folder of a Tender"),
        (&["key", "create", "--tenant", "acme", "--role", "king"], "there is no built-in role of this name"),
        (&["key", "create", "--tenant", "acme", "--scopes", "moon:land"], "is not a scope"),
        (&["tenant", "create", "No Tenant"], "lower-case"),
    ] {
        let ended = output(tender(arguments, &place.data())).await;
        let error = text(&ended.stderr);
        assert!(!ended.status.success() && error.contains(told), "{arguments:?}: {error}");
    }
    let checked = output(tender(&["check"], &place.data())).await;
    assert_eq!(checked.status.code(), Some(2), "that it could not be known is not that it is broken");
}
