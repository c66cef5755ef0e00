//! `docs/state-machines.md`: the machines as the code runs them.

use std::collections::BTreeSet;
use std::fmt::Write;

use tender_domain::disputes::{DisputeStatus, DisputeStep};
use tender_domain::intents::{Command, IntentStatus};
use tender_domain::refunds::{RefundStatus, RefundStep};

use crate::callback_states;
use crate::intent_machine::{Move, explore};
use crate::repository::hold_file;

const HEAD: &str = "# State machines\n\n\
    Generated from the domain: the tables of commands and steps are read, and the moves of intents, attempts and \
    captures are what a walk through every command, every answer of a gateway and everything that a person can say of a call met (of an intent with two attempts). After a change: \
    `UPDATE_DOCS=1 cargo test -p tender --test documents`.\n";

/// A diagram of the moves that change the status. `begin` and `end` are where it starts and may stop.
fn diagram(moves: &BTreeSet<Move>, begin: &[&str], end: &[&str]) -> String {
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    for status in begin {
        let _ = writeln!(text, "    [*] --> {status}");
    }
    let mut edges: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for Move { from, to, by, .. } in moves.iter().filter(|one| one.from != one.to) {
        match edges.iter_mut().find(|(a, b, _)| a == from && b == to) {
            Some((.., labels)) => labels.push(by),
            None => edges.push((from, to, vec![by])),
        }
    }
    for (from, to, mut labels) in edges {
        labels.dedup();
        let _ = writeln!(text, "    {from} --> {to}: {}", labels.join(" / "));
    }
    for status in end {
        let _ = writeln!(text, "    {status} --> [*]");
    }
    text + "```\n"
}

fn table(moves: &BTreeSet<Move>) -> String {
    let mut text = String::from("| from | what happens | to |\n|---|---|---|\n");
    for Move { from, by, to, .. } in moves {
        let _ = writeln!(text, "| `{from}` | {by} | `{to}` |");
    }
    text
}

/// With the topics that tell of each move.
fn table_with_topics(moves: &BTreeSet<Move>) -> String {
    let mut text = String::from("| from | what happens | to | told as |\n|---|---|---|---|\n");
    for Move { from, by, to, told } in moves {
        let told = told.iter().map(|topic| format!("`{topic}`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "| `{from}` | {by} | `{to}` | {told} |");
    }
    text
}

fn commands() -> String {
    let header = Command::ALL.iter().map(|command| format!("`{}`", command.as_str()));
    let mut text = format!(
        "| status | {} |\n|---|{}\n",
        header.collect::<Vec<_>>().join(" | "),
        ":-:|".repeat(Command::ALL.len())
    );
    for status in IntentStatus::ALL {
        let permits = Command::ALL.iter().map(|command| if status.permits(*command) { "✓" } else { "" });
        let is_final = if status.is_final() { " (final)" } else { "" };
        let _ = writeln!(
            text,
            "| `{}`{is_final} | {} |",
            status.as_str(),
            permits.collect::<Vec<_>>().join(" | ")
        );
    }
    text
}

fn intents() -> String {
    let walk = explore();
    let finals: Vec<&str> =
        IntentStatus::ALL.iter().filter(|status| status.is_final()).map(|status| status.as_str()).collect();
    let met: BTreeSet<&str> = walk.intents.iter().flat_map(|one| [one.from, one.to]).collect();
    let unmet: Vec<String> = IntentStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .filter(|status| !met.contains(status))
        .map(|status| format!("`{status}`"))
        .collect();
    let mut text = format!(
        "\n## Intents\n\n{}\nWhich command a status permits (what else it needs is told by the refusal):\n\n{}",
        diagram(&walk.intents, &["requires_payment_method", "requires_confirmation"], &finals),
        commands()
    );
    if !unmet.is_empty() {
        let _ = write!(text, "\nNo move leads to {} yet.\n", unmet.join(", "));
    }
    let _ = write!(text, "\n{}", table_with_topics(&walk.intents));
    let _ = write!(
        text,
        "\n## Attempts\n\nOne try at one connector.\n\n{}\n{}",
        diagram(&walk.attempts, &["started"], &[]),
        table(&walk.attempts)
    );
    let _ = write!(
        text,
        "\n## Captures\n\n{}\n{}",
        diagram(&walk.captures, &["pending"], &[]),
        table(&walk.captures)
    );
    text
}

const fn word(step: RefundStep) -> &'static str {
    match step {
        RefundStep::Start => "the gateway is about to be asked",
        RefundStep::Postpone => "the gateway did nothing, for a reason that passes",
        RefundStep::AskAction => "the gateway wants the customer to act",
        RefundStep::Succeed => "the gateway did it",
        RefundStep::Fail => "known not to have happened",
        RefundStep::Reverse => "the gateway took it back",
        RefundStep::Cancel => "canceled",
        RefundStep::Find => "found to have been done after all",
    }
}

fn refunds() -> String {
    let mut moves = BTreeSet::new();
    for status in RefundStatus::ALL {
        for step in RefundStep::ALL {
            if let Some(to) = status.after(*step) {
                let (from, to) = (status.as_str(), to.as_str());
                moves.insert(Move { from, by: word(*step), to, told: Vec::new() });
            }
        }
    }
    let dead: Vec<&str> =
        RefundStatus::ALL.iter().filter(|status| !status.is_live()).map(|status| status.as_str()).collect();
    let mut text = format!("\n## Refunds\n\n{}\n{}", diagram(&moves, &["pending"], &dead), table(&moves));
    let live = RefundStatus::ALL.iter().filter(|status| status.is_live());
    let live: Vec<String> = live.map(|status| format!("`{}`", status.as_str())).collect();
    let _ = write!(
        text,
        "\nA refund takes its amount out of what is left of its charge while it is {}.\n",
        live.join(" or ")
    );
    text
}

const fn word_of_dispute(step: DisputeStep) -> &'static str {
    match step {
        DisputeStep::Review => "answered, and looked at",
        DisputeStep::Win => "decided for the merchant",
        DisputeStep::Lose => "decided for the payer",
        DisputeStep::Accept => "closed: the merchant gives in",
        DisputeStep::Overturn => "decided the other way after all",
    }
}

fn disputes() -> String {
    let mut moves = BTreeSet::new();
    for status in DisputeStatus::ALL {
        for step in DisputeStep::ALL {
            if let Some(to) = status.after(*step) {
                let told = match step {
                    DisputeStep::Review => vec!["dispute.updated"],
                    _ => vec!["dispute.resolved"],
                };
                let (from, to) = (status.as_str(), to.as_str());
                moves.insert(Move { from, by: word_of_dispute(*step), to, told });
            }
        }
    }
    let decided = DisputeStatus::ALL.iter().filter(|status| !status.is_open());
    let decided: Vec<&str> = decided.map(|status| status.as_str()).collect();
    let begin = ["needs_response"];
    format!(
        "\n## Disputes\n\nWhat each course of events comes to in money is in [disputes](disputes.md).\n\n{}\n{}",
        diagram(&moves, &begin, &decided),
        table_with_topics(&moves)
    )
}

#[test]
fn the_page_shows_every_machine_as_the_code_runs_it() {
    hold_file(
        "docs/state-machines.md",
        &format!("{HEAD}{}{}{}{}", intents(), refunds(), disputes(), callback_states::chapter()),
    );
}
