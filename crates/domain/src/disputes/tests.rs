mod fixtures;
mod history;
mod intake;
mod laws;
mod outcomes;
