use runtime::rt::LocalRuntime;
use runtime::task::{LocalPoolHandle, LocalSet, spawn_local};
use std::rc::Rc;

fn a_set_stays_on_its_thread(set: LocalSet) {
    std::thread::spawn(move || drop(set));
}

fn a_runtime_stays_on_its_thread(runtime: LocalRuntime) {
    std::thread::spawn(move || drop(runtime));
}

fn an_entered_set_is_left_on_its_thread(set: &LocalSet) {
    let guard = set.enter();
    std::thread::spawn(move || drop(guard));
}

fn an_output_that_is_not_send_stays_too() {
    let task = spawn_local(async { Rc::new(1) });
    std::thread::spawn(move || drop(task));
}

fn a_task_does_not_borrow(data: &Rc<u8>) {
    spawn_local(async move { **data });
}

fn a_pools_output_travels(pool: &LocalPoolHandle) {
    pool.spawn_pinned(|| async { Rc::new(1) });
}

fn what_makes_a_pools_task_travels(pool: &LocalPoolHandle, data: Rc<u8>) {
    pool.spawn_pinned(move || async move { *data });
}

fn main() {}
