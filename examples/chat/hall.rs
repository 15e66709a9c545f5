//! Who is there, in which room, and the queue of lines for each of them.
//!
//! One lock around all of it, held for as long as it takes to put a line into each queue of a
//! room, and never across an `.await`. So everybody in a room sees the same lines in the same
//! order.
//!
//! The queues are bounded. Whose queue is full reads too slowly: it is taken out of the hall
//! at once, and its session told by its token. Nobody ever waits for it.

use runtime::sync::CancellationToken;
use runtime::sync::mpsc::{self, error::TrySendError};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

/// Where everybody is who has gone nowhere else.
const LOBBY: &str = "lobby";

/// One line for many: each queue has a pointer to the same text.
pub(crate) type Line = Arc<str>;

/// The number of a client; never given twice.
pub(crate) type Id = u64;

pub(crate) struct Hall {
    people: Mutex<People>,
    queue: usize,
}

#[derive(Default)]
struct People {
    last: Id,
    members: HashMap<Id, Member>,
    /// By the nick in small letters, so that Bob and bob are not two people.
    nicks: HashMap<String, Id>,
    /// No room is empty.
    rooms: BTreeMap<String, BTreeSet<Id>>,
    /// Whose queue was found full, and who is still in.
    slow: Vec<Id>,
}

struct Member {
    nick: String,
    room: String,
    queue: mpsc::Sender<Line>,
    /// Cancelled when it is dropped for being slow.
    kicked: CancellationToken,
}

/// What a newcomer gets.
pub(crate) struct Place {
    pub(crate) id: Id,
    pub(crate) lines: mpsc::Receiver<Line>,
}

impl Hall {
    pub(crate) fn new(queue: usize) -> Self {
        Hall {
            people: Mutex::default(),
            queue,
        }
    }

    /// Each call that changes or says something ends by dropping those who are slow.
    fn with<R>(&self, act: impl FnOnce(&mut People) -> R) -> R {
        let mut people = self.lock();
        let result = act(&mut people);
        people.drop_slow();
        result
    }

    fn lock(&self) -> MutexGuard<'_, People> {
        // PANIC: nothing panics while it is held.
        self.people.lock().expect("the hall is in order")
    }

    /// Lets somebody into the lobby, under a name of its own.
    pub(crate) fn enter(&self, kicked: CancellationToken) -> Place {
        let (queue, lines) = mpsc::channel(self.queue);
        let id = self.with(|people| people.enter(queue, kicked));
        Place { id, lines }
    }

    /// Takes somebody out who may be out already.
    pub(crate) fn leave(&self, id: Id, why: &str) {
        self.with(|people| people.remove(id, why));
    }

    pub(crate) fn say(&self, id: Id, text: &str) {
        self.with(|people| {
            let Some(member) = people.members.get(&id) else {
                return;
            };
            let line = format!("[{}] {}: {text}", member.room, member.nick);
            people.tell_room(&member.room.clone(), id, line.into());
        });
    }

    pub(crate) fn go_to(&self, id: Id, room: Option<&str>) {
        let room = room.unwrap_or(LOBBY);
        self.with(|people| people.go_to(id, room));
    }

    pub(crate) fn rename(&self, id: Id, new: &str) {
        self.with(|people| people.rename(id, new));
    }

    pub(crate) fn whisper(&self, id: Id, to: &str, text: &str) {
        self.with(|people| {
            let Some(from) = people.members.get(&id) else {
                return;
            };
            match people.nicks.get(&to.to_lowercase()) {
                Some(&to) => {
                    let line = format!("{} -> {text}", from.nick);
                    people.tell(to, line.into());
                }
                None => people.tell(id, format!("! nobody is called {to}").into()),
            }
        });
    }

    pub(crate) fn list_rooms(&self, id: Id) {
        self.with(|people| {
            let rooms = people.rooms.iter();
            let rooms: Vec<_> = rooms
                .map(|(room, ids)| format!("{room} ({})", ids.len()))
                .collect();
            people.tell(id, format!("* rooms: {}", rooms.join(", ")).into());
        });
    }

    pub(crate) fn list_people(&self, id: Id, room: Option<&str>) {
        self.with(|people| {
            let Some(member) = people.members.get(&id) else {
                return;
            };
            let room = room.unwrap_or(&member.room);
            let ids = people.rooms.get(room).into_iter().flatten();
            let mut nicks: Vec<_> = ids.map(|id| people.members[id].nick.as_str()).collect();
            nicks.sort_unstable();
            let line = format!("* in {room}: {}", nicks.join(", "));
            people.tell(id, line.into());
        });
    }

    pub(crate) fn reply(&self, id: Id, line: String) {
        self.with(|people| people.tell(id, line.into()));
    }
}

impl People {
    fn enter(&mut self, queue: mpsc::Sender<Line>, kicked: CancellationToken) -> Id {
        self.last += 1;
        let id = self.last;
        let mut nick = format!("guest{id}");
        while self.nicks.contains_key(&nick) {
            nick.push('_');
        }
        self.nicks.insert(nick.clone(), id);
        let hello = format!("* you are {nick}, in {LOBBY}; /help lists the commands");
        let member = Member {
            nick,
            room: String::new(),
            queue,
            kicked,
        };
        self.members.insert(id, member);
        self.tell(id, hello.into());
        self.walk_in(id, LOBBY);
        id
    }

    fn remove(&mut self, id: Id, why: &str) {
        self.walk_out(id, why);
        if let Some(member) = self.members.remove(&id) {
            self.nicks.remove(&member.nick.to_lowercase());
        }
    }

    fn go_to(&mut self, id: Id, room: &str) {
        let Some(member) = self.members.get(&id) else {
            return;
        };
        if member.room == room {
            return self.tell(id, format!("! you are in {room}").into());
        }
        self.walk_out(id, &format!("went to {room}"));
        self.walk_in(id, room);
        self.tell(id, format!("* you are in {room} now").into());
    }

    fn rename(&mut self, id: Id, new: &str) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let key = new.to_lowercase();
        if self.nicks.get(&key).is_some_and(|owner| *owner != id) {
            return self.tell(id, format!("! {new} is taken").into());
        }
        let old = std::mem::replace(&mut member.nick, String::from(new));
        let room = member.room.clone();
        self.nicks.remove(&old.to_lowercase());
        self.nicks.insert(key, id);
        self.tell(id, format!("* you are {new} now").into());
        self.tell_room(&room, id, format!("* {old} is {new} now").into());
    }

    fn walk_in(&mut self, id: Id, room: &str) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        member.room = String::from(room);
        let line = format!("* {} is here", member.nick);
        self.tell_room(room, id, line.into());
        self.rooms.entry(room.into()).or_default().insert(id);
    }

    fn walk_out(&mut self, id: Id, why: &str) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let room = std::mem::take(&mut member.room);
        let line = format!("* {} {why}", member.nick);
        if let Some(ids) = self.rooms.get_mut(&room) {
            ids.remove(&id);
            if ids.is_empty() {
                self.rooms.remove(&room);
            }
        }
        self.tell_room(&room, id, line.into());
    }

    /// A line for all in a room but for `from`, who knows it.
    fn tell_room(&mut self, room: &str, from: Id, line: Line) {
        let ids: Vec<Id> = self
            .rooms
            .get(room)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        for id in ids {
            if id != from {
                self.tell(id, line.clone());
            }
        }
    }

    fn tell(&mut self, id: Id, line: Line) {
        let Some(member) = self.members.get(&id) else {
            return;
        };
        match member.queue.try_send(line) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.slow.push(id),
            // Its session has ended, and will take it out.
            Err(TrySendError::Closed(_)) => {}
        }
    }

    fn drop_slow(&mut self) {
        // To tell the others may fill up another queue: hence not a `for`.
        while let Some(id) = self.slow.pop() {
            if let Some(member) = self.members.get(&id) {
                member.kicked.cancel();
            }
            self.remove(id, "read too slowly and is gone");
        }
    }
}
