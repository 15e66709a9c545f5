//! One client: its lines in, its queue out, until one of seven things ends it.
//!
//! ```text
//!            ┌── a line ──▶ command ──▶ hall ──▶ the queues of whom it is for
//!  socket ───┤                                               │
//!            └◀──────────────── own queue ◀──────────────────┘
//! ```
//!
//! What is awaited here can be dropped at any time without loss: a line that has come in part
//! stays in the codec's buffer, and so does what the socket has not taken yet. So one token
//! around all of it is enough to interrupt it, wherever it is, and it can still say why.

use crate::command::{self, Command};
use crate::hall::{Id, Line};
use crate::server::Server;
use futures::SinkExt;
use runtime::codec::{Framed, LinesCodec, LinesCodecError};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::stream::StreamExt;
use runtime::sync::CancellationToken;
use runtime::sync::mpsc;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;

/// How long a client gets to take its last lines.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Why a session ends.
enum End {
    /// It said so, and maybe something else.
    Quit(String),
    /// It has closed its side.
    Closed,
    Broken,
    Idle,
    TooLong,
    NotText,
    Slow,
    Stopping,
}

struct Session {
    id: Id,
    lines: mpsc::Receiver<Line>,
    framed: Framed<TcpStream, LinesCodec>,
    server: Arc<Server>,
}

/// Serves one client to its end. `kicked` ends it from outside.
pub(crate) async fn serve(stream: TcpStream, server: Arc<Server>, kicked: CancellationToken) {
    let place = server.hall.enter(kicked.clone());
    let codec = LinesCodec::new_with_max_length(server.config.max_line);
    let mut session = Session {
        id: place.id,
        lines: place.lines,
        framed: Framed::new(stream, codec),
        server,
    };
    let end = match kicked.run_until_cancelled(session.talk()).await {
        Some(end) => end,
        None if session.server.stop.is_cancelled() => End::Stopping,
        None => End::Slow,
    };
    session.server.hall.leave(session.id, &end.seen_by_others());
    // Whoever does not take it in time is closed upon.
    let _ = timeout(PATIENCE, session.good_bye(end)).await;
}

impl Session {
    async fn talk(&mut self) -> End {
        let limit = self.server.config.idle;
        let mut idle = pin!(sleep(limit));
        loop {
            runtime::select! {
                line = self.framed.next() => {
                    idle.as_mut().reset(Instant::now() + limit);
                    match line {
                        Some(Ok(line)) => if let Some(end) = self.obey(&line) {
                            return end;
                        },
                        Some(Err(error)) => return End::of(&error),
                        None => return End::Closed,
                    }
                }
                Some(line) = self.lines.recv() => {
                    // The buffer has room: all of it was written below.
                    if let Err(error) = self.framed.feed(line).await {
                        return End::of(&error);
                    }
                }
                () = &mut idle => return End::Idle,
            }
            runtime::select! {
                written = self.write() => if let Err(error) = written {
                    return End::of(&error);
                },
                () = &mut idle => return End::Idle,
            }
        }
    }

    /// Writes what is in the queue. Not for ever: the client has its turn as well.
    async fn write(&mut self) -> Result<(), LinesCodecError> {
        for _ in 0..self.lines.max_capacity() {
            let Ok(line) = self.lines.try_recv() else {
                break;
            };
            self.framed.feed(line).await?;
        }
        SinkExt::<Line>::flush(&mut self.framed).await
    }

    /// Does what a line says. The answer comes by the queue, in order with all else.
    fn obey(&self, line: &str) -> Option<End> {
        let hall = &self.server.hall;
        let line = command::harmless(line);
        match command::parse(&line) {
            Ok(Command::Say(text)) => hall.say(self.id, text),
            Ok(Command::Join(room)) => hall.go_to(self.id, Some(room)),
            Ok(Command::Leave) => hall.go_to(self.id, None),
            Ok(Command::Rooms) => hall.list_rooms(self.id),
            Ok(Command::Who(room)) => hall.list_people(self.id, room),
            Ok(Command::Tell { to, text }) => hall.whisper(self.id, to, text),
            Ok(Command::Nick(new)) => hall.rename(self.id, new),
            Ok(Command::Quit(text)) => return Some(End::Quit(text.into())),
            Ok(Command::Help) => hall.reply(self.id, format!("* {}", command::HELP)),
            Ok(Command::Nothing) => {}
            Err(wrong) => hall.reply(self.id, format!("! {wrong}")),
        }
        None
    }

    /// Says why it ends, closes our side, and waits for the client to close its own: the
    /// kernel answers bytes that nobody reads with a reset, which may overtake our words.
    async fn good_bye(&mut self, end: End) -> Result<(), LinesCodecError> {
        if !matches!(end, End::Slow) {
            // Those who sent it have been told that it was sent.
            self.lines.close();
            while let Some(line) = self.lines.recv().await {
                self.framed.feed(line).await?;
            }
        }
        if let Some(line) = end.told(&self.server) {
            self.framed.feed(line).await?;
        }
        SinkExt::<Line>::flush(&mut self.framed).await?;
        let stream = self.framed.get_mut();
        stream.shutdown().await?;
        let mut ignored = [0; 1024];
        while stream.read(&mut ignored).await? > 0 {}
        Ok(())
    }
}

impl End {
    fn of(error: &LinesCodecError) -> End {
        match error {
            LinesCodecError::MaxLineLengthExceeded => End::TooLong,
            LinesCodecError::Io(error) if error.kind() == ErrorKind::InvalidData => End::NotText,
            LinesCodecError::Io(_) => End::Broken,
        }
    }

    /// The last line to the client itself.
    fn told(&self, server: &Server) -> Option<String> {
        let config = &server.config;
        match self {
            End::Quit(_) => Some(String::from("* good-bye")),
            End::Closed | End::Broken => None,
            End::Idle => Some(format!(
                "! you said nothing for {:?}; good-bye",
                config.idle
            )),
            End::TooLong => Some(format!(
                "! a line has at most {} bytes; good-bye",
                config.max_line
            )),
            End::NotText => Some(String::from("! lines are UTF-8; good-bye")),
            End::Slow => Some(String::from("! you read too slowly; good-bye")),
            End::Stopping => Some(String::from("* the server is going down; good-bye")),
        }
    }

    /// What those in its room read behind its name.
    fn seen_by_others(&self) -> String {
        match self {
            End::Quit(text) if !text.is_empty() => format!("is gone: {text}"),
            End::Idle => String::from("fell asleep and is gone"),
            _ => String::from("is gone"),
        }
    }
}
