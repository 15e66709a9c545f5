//! A process that takes orders, one a line, and answers each with a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The process. It ends with its orders, when this is dropped.
pub(crate) struct Servant {
    /// What it is, for whoever reads that it has failed.
    name: &'static str,
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Servant {
    /// Starts that program.
    ///
    /// # Panics
    ///
    /// If it cannot.
    pub(crate) fn start(name: &'static str, program: &mut Command) -> Self {
        let mut process = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("the {name} does not start: {error}"));
        let orders = process.stdin.take();
        let answers = process.stdout.take().expect("the output was piped");
        Servant {
            name,
            process,
            orders,
            answers: BufReader::new(answers),
        }
    }

    /// Gives an order, and returns the answer.
    ///
    /// # Panics
    ///
    /// If it has ended. The reason is on the standard error.
    pub(crate) fn order(&mut self, order: impl std::fmt::Display) -> String {
        let orders = self.orders.as_mut().expect("it is there until the end");
        if writeln!(orders, "{order}").is_err() {
            panic!("the {} has ended", self.name);
        }
        self.answer()
    }

    /// The next line that it says.
    ///
    /// # Panics
    ///
    /// As [`Servant::order`].
    pub(crate) fn answer(&mut self) -> String {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(length) if length > 0 => line,
            read => panic!("the {} has failed ({read:?})", self.name),
        }
    }
}

/// The numbers of a line, if there are so many and nothing else.
pub(crate) fn numbers<const N: usize>(line: &str) -> Option<[u64; N]> {
    let numbers: Option<Vec<u64>> = line.split_whitespace().map(|it| it.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// Ends the process.
impl Drop for Servant {
    fn drop(&mut self) {
        drop(self.orders.take());
        let status = self.process.wait();
        if !std::thread::panicking() {
            let well = status.is_ok_and(|status| status.success());
            assert!(well, "the {} has failed", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_numbers_that_are_expected() {
        assert_eq!(numbers("1 20\n"), Some([1, 20]));
        assert_eq!(numbers::<2>("1 20 300\n"), None);
        assert_eq!(numbers::<2>("1 twenty\n"), None);
    }
}
