//! The answer of a call that was done is lost on the way back.

use tender_domain::kernel::TenantId;
use tender_domain::ports::{CallKind, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::bad_wire::authorization;
use crate::server::{self, RunningSimulator};

/// A wire to `port` that carries one request there, and cuts the connection when its answer comes back.
async fn wire_that_loses_the_answer(port: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let ours = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        let (caller, _) = listener.accept().await.expect("a caller");
        let there = TcpStream::connect(("127.0.0.1", port)).await.expect("the simulator");
        let (mut from_caller, _to_caller) = caller.into_split();
        let (mut answers, mut to_simulator) = there.into_split();
        let forward = async {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = from_caller.read(&mut bytes).await {
                if to_simulator.write_all(&bytes[..read]).await.is_err() {
                    break;
                }
            }
        };
        let mut first = [0; 1];
        tokio::select! {
            () = forward => {}
            _ = answers.read(&mut first) => {}
        }
    });
    ours
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_lookup_finds_what_was_done() {
    let simulator = RunningSimulator::start();
    let cut = server::client(wire_that_loses_the_answer(simulator.port).await);
    let request = authorization("att_lost");
    let answer = cut.authorize(&request).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");

    let whole = server::client(simulator.port);
    let lookup = LookupRequest {
        tenant: TenantId::sandbox(),
        kind: CallKind::Authorize,
        reference: "att_lost".to_owned(),
    };
    let found = whole.lookup(&lookup).await.expect("answered");
    let Lookup::Answered(done @ GatewayAnswer::Approved { captured: true, .. }) = found else {
        panic!("it was done: {found:?}");
    };
    // Sent again it is not done again.
    assert_eq!(whole.authorize(&request).await.expect("answered"), done);
}
