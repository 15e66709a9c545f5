//! What `#[runtime::main]` and `#[runtime::test]` make of a function, seen through
//! `crate = "..."`: the runtime here is a double that notes what was asked of it.

// What the attributes must carry over unchanged, however odd it looks.
#![allow(
    unused_braces,
    clippy::multiple_bound_locations,
    clippy::diverging_sub_expression
)]

/// The double. [`rt::take`] tells what was asked for, in words.
mod double {
    pub(crate) mod rt {
        use std::cell::RefCell;
        use std::future::Future;
        use std::io;
        use std::panic::Location;

        thread_local! {
            static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
            static PLACE: RefCell<Option<&'static Location<'static>>> = const { RefCell::new(None) };
        }

        fn note(word: impl Into<String>) {
            ASKED.with_borrow_mut(|asked| asked.push(word.into()));
        }

        pub(crate) fn take() -> String {
            ASKED.take().join(" ")
        }

        /// Where `block_on` was called.
        pub(crate) fn place() -> Option<&'static Location<'static>> {
            PLACE.take()
        }

        pub(crate) struct Builder;
        pub(crate) struct Runtime;

        impl Builder {
            pub(crate) fn new_multi_thread() -> Builder {
                note("multi");
                Builder
            }

            pub(crate) fn new_current_thread() -> Builder {
                note("current");
                Builder
            }

            pub(crate) fn worker_threads(&mut self, count: usize) -> &mut Self {
                note(format!("workers={count}"));
                self
            }

            pub(crate) fn start_paused(&mut self, paused: bool) -> &mut Self {
                note(format!("paused={paused}"));
                self
            }

            pub(crate) fn name(&mut self, name: &str) -> &mut Self {
                note(format!("name={name}"));
                self
            }

            pub(crate) fn enable_all(&mut self) -> &mut Self {
                note("all");
                self
            }

            pub(crate) fn build(&mut self) -> io::Result<Runtime> {
                Ok(Runtime)
            }
        }

        impl Runtime {
            #[track_caller]
            pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
                PLACE.set(Some(Location::caller()));
                futures::executor::block_on(future)
            }
        }
    }
}

use double::rt::{place, take};

#[runtime::main(crate = "crate::double")]
async fn with_defaults() {}

#[runtime::main(crate = crate::double, flavor = "multi_thread", worker_threads = 1_0usize,)]
async fn with_ten_workers() {}

#[runtime::main(flavor = "current_thread", start_paused = true, crate = "double")]
async fn with_a_paused_clock() {}

#[runtime::main(crate = "double", start_paused = false)]
async fn with_a_running_clock() {}

#[runtime::main(crate = "double", name = "of a name")]
async fn with_a_name() {}

#[test]
fn the_arguments_reach_the_builder() {
    with_defaults();
    assert_eq!(take(), "multi all");
    with_ten_workers();
    assert_eq!(take(), "multi workers=10 all");
    with_a_paused_clock();
    assert_eq!(take(), "current paused=true all");
    with_a_running_clock();
    assert_eq!(take(), "multi all");
    with_a_name();
    assert_eq!(take(), "multi name=of a name all");
}

#[runtime::test(crate = "double")]
async fn a_test_runs_on_one_thread_unless_told_otherwise() {
    assert_eq!(take(), "current all");
}

#[runtime::test(crate = "double", flavor = "multi_thread", worker_threads = 2)]
async fn a_test_may_have_workers() -> Result<(), String> {
    match take().as_str() {
        "multi workers=2 all" => Ok(()),
        other => Err(other.to_owned()),
    }
}

#[runtime::test(crate = "double")]
#[should_panic(expected = "as it should")]
async fn the_attributes_of_a_test_are_kept() {
    panic!("as it should");
}

mod inner {
    /// Attributes, visibility, generics, parameters and bounds are kept.
    #[must_use]
    #[runtime::main(crate = "crate::double")]
    pub(super) async fn longest<'a, F: Fn(&str) -> usize, const N: usize>(
        mut texts: Vec<&'a str>,
        length: F,
    ) -> [Option<&'a str>; { N }]
    where
        F: Clone,
    {
        texts.sort_by_key(|text| length(text));
        std::array::from_fn(|_| texts.pop())
    }
}

struct Counter {
    count: u32,
}

impl Counter {
    #[runtime::main(crate = "double")]
    async fn add(&mut self, more: u32) -> &u32 {
        std::future::ready(()).await;
        self.count += more;
        &self.count
    }

    #[runtime::main(crate = "double")]
    async fn into_count(self) -> u32 {
        self.count
    }
}

#[test]
fn a_function_with_parameters_becomes_a_plain_one() {
    let [first, second] = inner::longest::<_, 2>(vec!["a", "abc", "ab"], str::len);
    assert_eq!((first, second), (Some("abc"), Some("ab")));
    let mut counter = Counter { count: 1 };
    assert_eq!(*counter.add(2), 3);
    assert_eq!(counter.into_count(), 3);
}

#[runtime::main(crate = "double")]
async fn parse(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Ok(0);
    }
    let number: u32 = text.parse()?;
    if number > 100 {
        return Err("too much".into());
    }
    Ok(number)
}

#[test]
fn return_and_the_question_mark_work_in_the_body() {
    assert_eq!(parse("").ok(), Some(0));
    assert_eq!(parse("7").ok(), Some(7));
    assert!(parse("seven").is_err());
    assert!(parse("700").is_err());
}

#[runtime::main(crate = "double")]
async fn numbers() -> impl Iterator<Item = u32> {
    let end = std::future::ready(3).await;
    0..end
}

#[runtime::main(crate = "double")]
async fn panics() -> ! {
    panic!("never")
}

#[runtime::main(crate = "double")]
async fn boxed() -> Box<dyn Fn(u32) -> u32> {
    Box::new(|x| x + 1)
}

#[test]
fn any_type_may_be_returned() {
    assert_eq!(numbers().sum::<u32>(), 3);
    assert!(std::panic::catch_unwind(|| panics()).is_err());
    assert_eq!(boxed()(1), 2);
}

#[runtime::main(crate = "double")]
async fn asks_for_its_place() {}

#[test]
fn the_place_of_block_on_is_the_line_of_the_function() {
    let line = line!() - 4;
    asks_for_its_place();
    let place = place().map(|place| (place.file(), place.line()));
    assert_eq!(place, Some((file!(), line)));
}

#[deny(warnings, clippy::all, clippy::pedantic, clippy::expect_used)]
mod linted {
    #[runtime::main(crate = "crate::double")]
    pub(super) async fn run(number: u32) -> u32 {
        std::future::ready(number).await
    }

    #[runtime::main(crate = "crate::double")]
    pub(super) async fn nothing() {
        std::future::ready(()).await;
    }
}

#[test]
fn nothing_is_warned_about_that_the_user_did_not_write() {
    assert_eq!(linted::run(3), 3);
    linted::nothing();
}

#[runtime::main(crate = "double")]
async fn shares() -> u32 {
    let shared = std::rc::Rc::new(5);
    std::future::ready(()).await;
    *shared
}

#[test]
fn the_body_need_not_be_send() {
    assert_eq!(shares(), 5);
}
