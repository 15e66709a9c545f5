//! Values that are there once and for all: [`OnceCell`] makes its value when somebody asks
//! for it, [`SetOnce`] is given one and tells whoever waits.
//!
//! Both stand on a [`Slot`](slot::Slot): a place for the value, and permits ([`permits`](super::permits))
//! that are closed when it is in place. So to look is one load, and to wait for the value is
//! to wait for permits that one will be refused.
//!
//! In a [`OnceCell`] there is one permit: the right to make the value. Who has it closes the
//! permits when the value is there, or gives it back on an error, a panic or when it is
//! dropped: then the next in line tries. In a [`SetOnce`] there is none, and a flag says who
//! was first.

mod cell;
#[cfg(all(test, loom))]
mod models;
mod set;
pub(super) mod slot;

pub use cell::{OnceCell, SetError};
pub use set::{SetOnce, SetOnceError};
