//! Which of the types of local execution may be sent, shared, moved when pinned, and carried
//! over a panic: as the field has it.

use runtime::rt::{Id, LocalOptions, LocalRuntime};
use runtime::task::futures::TaskLocalFuture;
use runtime::task::{AccessError, LocalEnterGuard, LocalKey, LocalPoolHandle, LocalSet};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::{Future, Ready};
use std::hash::Hash;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

assert_impl_all!(LocalSet: Unpin, Debug, Default, Future<Output = ()>);
assert_not_impl_any!(LocalSet: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(LocalEnterGuard: Unpin, Debug);
assert_not_impl_any!(LocalEnterGuard: Send, Sync, UnwindSafe, RefUnwindSafe);

assert_impl_all!(LocalRuntime: Unpin, Debug, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(LocalRuntime: Send, Sync);
assert_impl_all!(LocalOptions: Unpin, Debug, Default, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(LocalOptions: Send, Sync);
assert_impl_all!(LocalPoolHandle: Send, Sync, Unpin, Clone, Debug, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Id: Send, Sync, Unpin, Copy, Debug, Display, Hash, Eq, UnwindSafe, RefUnwindSafe);

// A key holds no value, whatever its type.
assert_impl_all!(LocalKey<Rc<u8>>: Send, Sync, Unpin, Debug, UnwindSafe, RefUnwindSafe);
assert_impl_all!(AccessError: Send, Sync, Unpin, Copy, Eq, Error, UnwindSafe, RefUnwindSafe);

// A scope is what its value and its future are.
type Scope<T, F> = TaskLocalFuture<T, F>;
assert_impl_all!(Scope<u8, Ready<u8>>: Send, Sync, Unpin, Debug, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Scope<Cell<u8>, Ready<u8>>: Send, Unpin, UnwindSafe);
assert_not_impl_any!(Scope<Cell<u8>, Ready<u8>>: Sync, RefUnwindSafe);
assert_not_impl_any!(Scope<Rc<u8>, Ready<u8>>: Send, Sync);
assert_not_impl_any!(Scope<u8, Ready<Rc<u8>>>: Send, Sync);
assert_not_impl_any!(Scope<u8, PhantomPinned>: Unpin);

#[test]
fn it_compiles() {}
