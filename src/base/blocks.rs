//! Where tasks and oneshot channels lie: pieces of memory that wait for the next one.
//!
//! A task is often made on one thread and freed on another, and most allocators make that dear: the
//! C library's takes the lock of the heap that the piece came from, which the one who spawns needs
//! for each of its tasks too. A channel for one value is made and freed in so short a time that the
//! allocator was half of it. So a thread keeps what is freed on it for what is made on it, and
//! hands on what is too much for it, a *pile* at a time:
//!
//! ```text
//!   take ◀── open pile ◀─▶ closed pile ◀─▶ depot ──▶ the allocator, once it is full
//!   give ──▶   (both the thread's own)    (of the process)
//! ```
//!
//! The open pile is taken from and given to; the closed one is full or empty. So a thread comes to the
//! depot once for a whole pile at the most, whether it only takes, only gives or does both by turns.
//!
//! Pieces are kept by class of size, and each is allocated at the size of its class: 40, 56, and so
//! on up to 504 bytes, as the C library rounds anyway. What is larger, or aligned to more than 16
//! bytes, goes to the allocator. A pile is at most 4 KiB, a thread keeps two a class, the depot 32: of
//! each size that tasks and channels of the program have, never more than 8 KiB a thread and 128 KiB a
//! process, and no more than there once were at the same time.
//!
//! Programs that are compiled with debug assertions keep nothing, so that tools which watch over memory
//! see each piece.
//!
//! This file contains unsafe code. Argument: what is in a pile is nobody else's, was allocated with the
//! layout of the pile's class, and is large enough and aligned for a [`Block`], which is all that
//! is written there; so who takes it out has an allocation of that layout. A pile is in one
//! thread's cell or in the depot, under its lock.
//! Covered by the tests below, also under AddressSanitizer.
//!
//! # Rejected
//!
//! * Classes that are 64 bytes apart: a hundred thousand tasks of 128 bytes cost a fifth more, in memory
//!   that the kernel has to fetch.
#![allow(unsafe_code)]

use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::heap::{alloc, dealloc};
use crate::base::sync::{IS_MODEL, Mutex};
use std::alloc::{Layout, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::OnceLock;

/// The sizes of two classes differ by so much.
const STEP: usize = 16;
/// The size of the smallest class.
const SMALLEST: usize = 40;
const CLASSES: usize = 30;
const ALIGN: usize = 16;

/// The size of a pile.
const PILE: usize = 4096;

/// The piles of a class in the depot.
const DEPOT: usize = 32;

/// (What outlives a model's run cannot be modelled.)
const KEEPS: bool = !cfg!(debug_assertions) && !IS_MODEL;

/// A class of sizes.
#[derive(Clone, Copy)]
struct Class(usize);

impl Class {
    /// That of such pieces; `None` if they are not kept.
    #[inline(always)]
    const fn of(layout: Layout) -> Option<Class> {
        let class = layout.size().saturating_sub(SMALLEST).div_ceil(STEP);
        if layout.align() > ALIGN || class >= CLASSES {
            None
        } else {
            Some(Class(class))
        }
    }

    const fn size(self) -> usize {
        SMALLEST + STEP * self.0
    }

    fn layout(self) -> Layout {
        // SAFETY: the alignment is a power of two, and the size is small.
        unsafe { Layout::from_size_align_unchecked(self.size(), ALIGN) }
    }

    /// How many pieces are a pile.
    fn pile(self) -> usize {
        PILES[self.0]
    }
}

/// How many pieces of each class are a pile: a table, since a division would take as long as all
/// else that is done to keep a piece.
static PILES: [usize; CLASSES] = {
    let mut piles = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        piles[class] = PILE / Class(class).size();
        class += 1;
    }
    piles
};

/// A piece while it waits.
struct Block {
    next: Option<NonNull<Block>>,
}

/// Pieces of one class.
#[derive(Clone, Copy)]
struct Pile {
    top: Option<NonNull<Block>>,
    len: usize,
}

// SAFETY: what is in a pile is nobody else's.
unsafe impl Send for Pile {}

impl Pile {
    const EMPTY: Pile = Pile { top: None, len: 0 };

    fn pop(&mut self) -> Option<NonNull<Block>> {
        let top = self.top?;
        // SAFETY: it is ours, and whoever gave it wrote a block there.
        self.top = unsafe { top.as_ref() }.next;
        self.len -= 1;
        Some(top)
    }

    /// # Safety
    /// The piece is the caller's, of the pile's class, and no more used.
    unsafe fn push(&mut self, block: NonNull<Block>) {
        // SAFETY: by the function's contract; it is large enough and aligned.
        unsafe { block.write(Block { next: self.top }) }
        self.top = Some(block);
        self.len += 1;
    }

    /// To the allocator.
    fn free(mut self, class: Class) {
        while let Some(block) = self.pop() {
            // SAFETY: it is ours, and was allocated like this.
            unsafe { dealloc(block.as_ptr().cast(), class.layout()) }
        }
    }
}

/// What one thread keeps of one class.
struct Kept {
    open: Cell<Pile>,
    /// Full or empty.
    closed: Cell<Pile>,
}

impl Kept {
    const fn new() -> Self {
        Kept {
            open: Cell::new(Pile::EMPTY),
            closed: Cell::new(Pile::EMPTY),
        }
    }

    /// (`depot` is asked for only where it may be needed, here and below.)
    #[inline]
    fn take<'d>(&self, depot: impl FnOnce() -> &'d Depot) -> Option<NonNull<Block>> {
        let mut open = self.open.get();
        let block = match open.pop() {
            Some(block) => block,
            None => {
                open = self.next_pile(depot);
                open.pop()?
            }
        };
        self.open.set(open);
        Some(block)
    }

    #[cold]
    fn next_pile<'d>(&self, depot: impl FnOnce() -> &'d Depot) -> Pile {
        match self.closed.replace(Pile::EMPTY) {
            Pile { top: None, .. } => depot().take().unwrap_or(Pile::EMPTY),
            closed => closed,
        }
    }

    /// # Safety
    /// As of [`Pile::push`].
    #[inline]
    unsafe fn give<'d>(
        &self,
        block: NonNull<Block>,
        class: Class,
        depot: impl FnOnce() -> &'d Depot,
    ) {
        let mut open = self.open.get();
        if open.len >= class.pile() {
            open = self.close(class, depot);
        }
        // SAFETY: by the function's contract.
        unsafe { open.push(block) }
        self.open.set(open);
    }

    /// Puts the full pile aside, and gives the one that is open then. (The allocator may be the
    /// program's own, and come here again.)
    #[cold]
    fn close<'d>(&self, class: Class, depot: impl FnOnce() -> &'d Depot) -> Pile {
        let full = self.open.replace(Pile::EMPTY);
        let before = self.closed.replace(full);
        if before.top.is_some() {
            depot().give(before, class);
        }
        self.open.get()
    }

    fn clear(&self, class: Class, depot: &Depot) {
        depot.give(self.open.replace(Pile::EMPTY), class);
        depot.give(self.closed.replace(Pile::EMPTY), class);
    }
}

/// The piles of a class that no thread has.
struct Depot {
    piles: Mutex<Vec<Pile>>,
    /// How many they are, to be read without the lock: it may be out of date.
    count: AtomicUsize,
}

impl Depot {
    fn new() -> Self {
        Depot {
            piles: Mutex::new(Vec::new()),
            count: AtomicUsize::new(0),
        }
    }

    fn take(&self) -> Option<Pile> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut piles = self.piles.lock();
        let pile = piles.pop();
        self.count.store(piles.len(), Ordering::Relaxed);
        pile
    }

    /// Keeps the pile, or frees it if there are enough.
    fn give(&self, pile: Pile, class: Class) {
        if pile.top.is_none() {
            return;
        }
        if self.count.load(Ordering::Relaxed) < DEPOT {
            let mut piles = self.piles.lock();
            if piles.len() < DEPOT {
                piles.push(pile);
                self.count.store(piles.len(), Ordering::Relaxed);
                return;
            }
        }
        pile.free(class);
    }
}

static DEPOTS: OnceLock<[Depot; CLASSES]> = OnceLock::new();

impl Class {
    fn depot(self) -> &'static Depot {
        &DEPOTS.get_or_init(|| std::array::from_fn(|_| Depot::new()))[self.0]
    }
}

/// What one thread keeps.
struct Thread([Kept; CLASSES]);

impl Drop for Thread {
    fn drop(&mut self) {
        for (class, kept) in self.0.iter().enumerate() {
            let class = Class(class);
            kept.clear(class, class.depot());
        }
    }
}

std::thread_local! {
    // Not the switch's `local!`: this one has a destructor.
    static THREAD: Thread = const { Thread([const { Kept::new() }; CLASSES]) };
}

/// Memory, to be [given](give) back with the same layout.
#[inline]
pub(crate) fn take(layout: Layout) -> NonNull<u8> {
    assert!(layout.size() != 0, "what has no size needs no memory");
    match Class::of(layout) {
        Some(class) if KEEPS => take_kept(class),
        Some(class) => allocate(class.layout()),
        None => allocate(layout),
    }
}

fn take_kept(class: Class) -> NonNull<u8> {
    let kept = THREAD.try_with(|thread| thread.0[class.0].take(|| class.depot()));
    match kept {
        Ok(Some(block)) => block.cast(),
        _ => allocate(class.layout()),
    }
}

fn allocate(layout: Layout) -> NonNull<u8> {
    // SAFETY: the size is not 0: a class has one, and `take` has looked.
    let memory = unsafe { alloc(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Gives memory back.
///
/// # Safety
/// It was [taken](take) with that layout, and is no more used.
#[inline]
pub(crate) unsafe fn give(memory: NonNull<u8>, layout: Layout) {
    match Class::of(layout) {
        // SAFETY: by the function's contract.
        Some(class) if KEEPS => unsafe { give_kept(memory, class) },
        // SAFETY: by the function's contract.
        Some(class) => unsafe { dealloc(memory.as_ptr(), class.layout()) },
        // SAFETY: by the function's contract.
        None => unsafe { dealloc(memory.as_ptr(), layout) },
    }
}

/// # Safety
/// As of [`give`].
unsafe fn give_kept(memory: NonNull<u8>, class: Class) {
    let block = memory.cast();
    // SAFETY: by the function's contract.
    let give = |thread: &Thread| unsafe { thread.0[class.0].give(block, class, || class.depot()) };
    if THREAD.try_with(give).is_err() {
        // SAFETY: by the function's contract; the thread is ending and keeps nothing.
        unsafe { dealloc(memory.as_ptr(), class.layout()) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const CLASS: Class = Class(1);

    fn fresh() -> NonNull<Block> {
        allocate(CLASS.layout()).cast()
    }

    fn fill(kept: &Kept, depot: &Depot, count: usize) {
        for _ in 0..count {
            // SAFETY: it is of this class, and nobody else's.
            unsafe { kept.give(fresh(), CLASS, || depot) }
        }
    }

    fn take_all(kept: &Kept, depot: &Depot) -> Vec<NonNull<Block>> {
        std::iter::from_fn(|| kept.take(|| depot)).collect()
    }

    fn free(blocks: Vec<NonNull<Block>>) -> usize {
        let distinct: HashSet<_> = blocks.iter().copied().collect();
        assert_eq!(distinct.len(), blocks.len());
        let mut pile = Pile::EMPTY;
        // SAFETY: they were taken, and are of this class.
        distinct
            .iter()
            .for_each(|&block| unsafe { pile.push(block) });
        pile.free(CLASS);
        distinct.len()
    }

    #[test]
    fn a_piece_lies_in_the_smallest_class_that_has_room() {
        for size in 1..=1000 {
            let layout = Layout::from_size_align(size, 8).unwrap();
            match Class::of(layout) {
                Some(class) => {
                    assert!(class.size() >= size && class.size() <= 504);
                    assert!(class.size() == SMALLEST || class.size() - size < STEP);
                }
                None => assert!(size > 504),
            }
        }
        let aligned = Layout::from_size_align(128, 32).unwrap();
        assert!(Class::of(aligned).is_none());
    }

    #[test]
    fn what_was_given_last_is_taken_first() {
        let (kept, depot) = (Kept::new(), Depot::new());
        assert!(kept.take(|| &depot).is_none());
        let (one, two) = (fresh(), fresh());
        // SAFETY: they are of this class, and nobody else's.
        unsafe {
            kept.give(one, CLASS, || &depot);
            kept.give(two, CLASS, || &depot);
        }
        assert_eq!(take_all(&kept, &depot), [two, one]);
        free(vec![one, two]);
    }

    #[test]
    fn a_thread_keeps_two_piles_and_others_find_the_rest() {
        let (mine, theirs, depot) = (Kept::new(), Kept::new(), Depot::new());
        fill(&mine, &depot, 5 * CLASS.pile());
        assert_eq!(free(take_all(&theirs, &depot)), 3 * CLASS.pile());
        assert_eq!(free(take_all(&mine, &depot)), 2 * CLASS.pile());
    }

    #[test]
    fn who_takes_and_gives_by_turns_does_not_come_to_the_depot() {
        let (kept, depot) = (Kept::new(), Depot::new());
        fill(&kept, &depot, 2 * CLASS.pile());
        for _ in 0..3 {
            let taken: Vec<_> = (0..=CLASS.pile())
                .filter_map(|_| kept.take(|| &depot))
                .collect();
            assert_eq!(taken.len(), CLASS.pile() + 1);
            for block in taken {
                // SAFETY: it was taken.
                unsafe { kept.give(block, CLASS, || &depot) }
            }
            assert_eq!(depot.count.load(Ordering::Relaxed), 0);
        }
        free(take_all(&kept, &depot));
    }

    #[test]
    fn the_depot_does_not_grow_for_ever() {
        let (mine, theirs, depot) = (Kept::new(), Kept::new(), Depot::new());
        fill(&mine, &depot, (DEPOT + 9) * CLASS.pile());
        assert_eq!(free(take_all(&theirs, &depot)), DEPOT * CLASS.pile());
        free(take_all(&mine, &depot));
    }

    #[test]
    fn a_thread_that_ends_leaves_what_it_has_to_others() {
        let (mine, theirs, depot) = (Kept::new(), Kept::new(), Depot::new());
        fill(&mine, &depot, CLASS.pile() + 3);
        mine.clear(CLASS, &depot);
        assert!(take_all(&mine, &Depot::new()).is_empty());
        assert_eq!(free(take_all(&theirs, &depot)), CLASS.pile() + 3);
    }

    #[test]
    fn what_is_taken_has_room_and_goes_from_thread_to_thread() {
        let threads = [40, 120, 121, 300, 504, 505, 5000].map(|size| {
            let layout = Layout::from_size_align(size, 8).unwrap();
            let taken = (0..100).map(|_| take(layout).as_ptr() as usize).collect();
            let give_back = move |taken: Vec<usize>| {
                for address in taken {
                    let memory = std::ptr::with_exposed_provenance_mut::<u8>(address);
                    // SAFETY: it was taken with that layout, for this thread.
                    unsafe {
                        memory.write_bytes(7, size);
                        give(NonNull::new_unchecked(memory), layout);
                    }
                }
            };
            std::thread::spawn(move || give_back(taken))
        });
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
}
