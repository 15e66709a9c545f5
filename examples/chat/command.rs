//! What a client's line means.

/// The longest name of a client or a room, in bytes.
const MAX_NAME: usize = 24;

pub(crate) const HELP: &str = "/join ROOM, /leave, /rooms, /who [ROOM], /msg NICK TEXT, \
                               /nick NAME, /quit [TEXT]; anything else is said to your room";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Say(&'a str),
    Join(&'a str),
    Leave,
    Rooms,
    /// Who is in this room, or in one's own.
    Who(Option<&'a str>),
    Tell {
        to: &'a str,
        text: &'a str,
    },
    Nick(&'a str),
    Quit(&'a str),
    Help,
    /// An empty line: nothing to do.
    Nothing,
}

/// Reads one line, or tells what is wrong with it.
pub(crate) fn parse(line: &str) -> Result<Command<'_>, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(Command::Nothing);
    }
    let Some(command) = line.strip_prefix('/') else {
        return Ok(Command::Say(line));
    };
    let (word, rest) = split(command);
    match (word, rest) {
        ("join", room) => Ok(Command::Join(name(room)?)),
        ("leave", "") => Ok(Command::Leave),
        ("rooms", "") => Ok(Command::Rooms),
        ("who", "") => Ok(Command::Who(None)),
        ("who", room) => Ok(Command::Who(Some(name(room)?))),
        ("msg", rest) => match split(rest) {
            (_, "") => Err(String::from("say /msg NICK TEXT")),
            (to, text) => Ok(Command::Tell { to, text }),
        },
        ("nick", new) => Ok(Command::Nick(name(new)?)),
        ("quit", text) => Ok(Command::Quit(text)),
        ("help", _) => Ok(Command::Help),
        ("leave" | "rooms", _) => Err(format!("/{word} stands alone")),
        _ => Err(format!("/{word} is no command; /help lists them")),
    }
}

/// The first word, and what is behind it.
fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

fn name(word: &str) -> Result<&str, String> {
    let fine = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if word.is_empty() {
        Err(String::from("a name is missing"))
    } else if word.len() > MAX_NAME {
        Err(format!("a name has at most {MAX_NAME} bytes"))
    } else if word.chars().all(fine) {
        Ok(word)
    } else {
        Err(String::from("names are letters, digits, '-', '_' and '.'"))
    }
}

/// A terminal obeys control characters: nobody gets to send them to other people's.
pub(crate) fn harmless(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}
