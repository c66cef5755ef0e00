//! A published double of a gateway, run beside a test.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::sdk::python;

const READY_WITHIN: Duration = Duration::from_secs(30);

/// The double on a free port, ended when dropped.
pub(crate) struct Double {
    child: Child,
    /// Where it is.
    pub(crate) base: String,
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Double {
    /// Starts it, by the judges' Python with what `say` says of it and its port, and waits until it listens.
    pub(crate) fn start(say: impl FnOnce(&mut Command, &str)) -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = free.local_addr().expect("bound");
        drop(free);
        let mut command = Command::new(python());
        say(&mut command, &address.port().to_string());
        let double = Self { child: command.spawn().expect("it runs"), base: format!("http://{address}") };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < READY_WITHIN, "the double does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        double
    }
}
