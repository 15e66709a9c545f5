//! With feature `tracing`, each task and each blocking job has a span.
#![cfg(feature = "tracing")]

use runtime::rt::{Builder, LocalOptions};
use runtime::task::{self, LocalSet, yield_now};
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Event, Metadata, Subscriber};

/// Writes down what is told, in the order of ids that it gives.
#[derive(Clone, Default)]
struct Notebook(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    spans: Vec<HashMap<&'static str, String>>,
    entered: Vec<Id>,
    /// Each event with the field `kind` of the span that it stood in.
    events: Vec<(String, String)>,
    polls: usize,
    closed: usize,
}

struct Fields<'a>(&'a mut HashMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Notebook {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = HashMap::new();
        attributes.record(&mut Fields(&mut fields));
        fields.insert("name", attributes.metadata().name().to_owned());
        fields.insert("target", attributes.metadata().target().to_owned());
        let mut notes = self.0.lock().unwrap();
        notes.spans.push(fields);
        Id::from_u64(notes.spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = HashMap::new();
        event.record(&mut Fields(&mut fields));
        let mut notes = self.0.lock().unwrap();
        let within = match notes.entered.last() {
            Some(id) => notes.spans[id.into_u64() as usize - 1]["kind"].clone(),
            None => String::new(),
        };
        notes.events.push((fields["message"].clone(), within));
    }

    fn enter(&self, id: &Id) {
        let mut notes = self.0.lock().unwrap();
        notes.entered.push(id.clone());
        notes.polls += 1;
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.0.lock().unwrap().entered.pop().as_ref(), Some(id));
    }

    fn try_close(&self, _: Id) -> bool {
        self.0.lock().unwrap().closed += 1;
        true
    }
}

struct TellsItsEnd;

impl Drop for TellsItsEnd {
    fn drop(&mut self) {
        tracing::info!("dropped");
    }
}

#[test]
fn a_task_has_a_span_around_each_poll_and_its_drop() {
    let notebook = Notebook::default();
    with_default(notebook.clone(), || {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            tracing::info!("outside");
            let named = task::Builder::new().name("worker bee").spawn(async {
                let _end = TellsItsEnd;
                tracing::info!("inside");
                yield_now().await;
            });
            named.unwrap().await.unwrap();
        });
    });
    let notes = notebook.0.lock().unwrap();
    let span = &notes.spans[0];
    assert_eq!(span["name"], "runtime.spawn");
    assert_eq!(span["target"], "runtime::task");
    assert_eq!(
        (&*span["kind"], &*span["task.name"]),
        ("task", "worker bee")
    );
    assert_eq!(span["loc.file"], file!());
    let line: usize = span["loc.line"].parse().unwrap();
    let text = include_str!("tracing.rs").lines().nth(line - 1).unwrap();
    assert!(text.contains(".spawn("), "{text}");
    let expected = [("outside", ""), ("inside", "task"), ("dropped", "task")];
    let events: Vec<_> = notes.events.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(events, expected);
    // Two polls, and the drop of the future.
    assert_eq!((notes.spans.len(), notes.polls, notes.closed), (1, 3, 1));
}

#[test]
fn local_tasks_and_blocking_jobs_have_theirs() {
    let notebook = Notebook::default();
    with_default(notebook.clone(), || {
        let runtime = Builder::new_current_thread().build().unwrap();
        let set = LocalSet::new();
        set.spawn_local(async { tracing::info!("in a set") });
        set.block_on(&runtime, async {
            task::spawn_local(async { tracing::info!("in it as well") })
                .await
                .unwrap();
        });
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        runtime.block_on(async {
            let job = task::spawn_blocking(move || {
                tracing::dispatcher::with_default(&dispatch, || tracing::info!("in a job"));
            });
            job.await.unwrap();
        });
        let mut builder = Builder::new_current_thread();
        let local = builder.build_local(LocalOptions::default()).unwrap();
        local.block_on(async {
            task::spawn_local(async { tracing::info!("at home") })
                .await
                .unwrap();
        });
    });
    let notes = notebook.0.lock().unwrap();
    let kinds: Vec<_> = notes.spans.iter().map(|span| &*span["kind"]).collect();
    assert_eq!(kinds, ["local", "local", "blocking", "task"]);
    let mut said: Vec<_> = notes.events.iter().map(|(text, _)| &**text).collect();
    said.sort_unstable();
    assert_eq!(said, ["at home", "in a job", "in a set", "in it as well"]);
}
