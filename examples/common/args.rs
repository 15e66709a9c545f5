//! The words after the program's name: `--name value` pairs and single flags.

use std::fmt::Display;
use std::process::exit;
use std::str::FromStr;

/// What is left of the command line.
pub(crate) struct Args {
    usage: &'static str,
    words: std::iter::Skip<std::env::Args>,
    name: String,
}

impl Args {
    pub(crate) fn new(usage: &'static str) -> Self {
        Args {
            usage,
            words: std::env::args().skip(1),
            name: String::new(),
        }
    }

    /// The next option's name. `--help` prints the usage and ends the program.
    pub(crate) fn next_name(&mut self) -> Option<String> {
        self.name = self.words.next()?;
        if self.name == "--help" || self.name == "-h" {
            println!("usage: {}", self.usage);
            exit(0);
        }
        Some(self.name.clone())
    }

    /// The value of the option whose name came last.
    pub(crate) fn value<T>(&mut self) -> T
    where
        T: FromStr<Err: Display>,
    {
        let Some(word) = self.words.next() else {
            self.refuse(&format!("{} needs a value", self.name));
        };
        match word.parse() {
            Ok(value) => value,
            Err(error) => self.refuse(&format!("{} {word}: {error}", self.name)),
        }
    }

    /// Ends the program, because of the option whose name came last.
    pub(crate) fn unknown(&self) -> ! {
        self.refuse(&format!("{} is not known", self.name));
    }

    fn refuse(&self, why: &str) -> ! {
        eprintln!("{why}\nusage: {}", self.usage);
        exit(2);
    }
}
