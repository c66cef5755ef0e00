//! Names on the brokers: the public name behind the configured prefix.

use std::sync::Arc;

use tender_domain::kernel::Topic;

/// Makes and reads names with one prefix.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: Arc<str>,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: Arc::from(prefix) }
    }

    /// The topic as the brokers know it.
    pub(crate) fn topic(&self, topic: Topic) -> String {
        format!("{}{}", self.prefix, topic.name())
    }

    /// The topic of its dead letters.
    pub(crate) fn dead_letters(&self, topic: Topic) -> String {
        format!("{}{}.dlq", self.prefix, topic.name())
    }

    /// The consumer group of this name.
    pub(crate) fn group(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The topic behind a broker's name; none when it is not of this prefix or not ours.
    pub(crate) fn find(&self, name: &str) -> Option<Topic> {
        Topic::find(name.strip_prefix(&*self.prefix)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_on_the_brokers_leads_back_to_its_topic() {
        let names = Names::new("staging.");
        for topic in Topic::ALL {
            assert_eq!(names.find(&names.topic(*topic)), Some(*topic));
            assert_eq!(names.find(&names.dead_letters(*topic)), None);
        }
        assert_eq!(names.find("payment.processed"), None);
    }
}
