//! A server on a thread of its own, for the doubles of gateways.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// Starts a server at a free port of this machine.
pub(crate) fn start(serves: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> (u16, ServerHandle) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let app = move || App::new().configure(serves.clone());
            let server = HttpServer::new(app).workers(1).disable_signals().listen(listener);
            let server = server.expect("the listener is good").run();
            tell.send(server.handle()).expect("the test waits for it");
            server.await.expect("the server runs");
        });
    });
    (port, told.recv().expect("the server starts"))
}
