package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	taken   = 8_000
	tasks   = 8
	permits = 2
	write   = 10
)

func mutexAlone(iterations int) times {
	return mutex(iterations, 1, false)
}

func mutexContended(iterations int) times {
	return mutex(iterations, tasks, false)
}

func mutexHeld(iterations int) times {
	return mutex(iterations, tasks, true)
}

// Goroutines that each take a mutex, and let go of it at once, or yield before.
func mutex(iterations, tasks int, held bool) times {
	var lock sync.Mutex
	count := 0
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		together(tasks, func(int) {
			for i := 0; i < taken/tasks; i++ {
				lock.Lock()
				if held {
					runtime.Gosched()
				}
				count++
				lock.Unlock()
			}
		})
	}
	took := watch.elapsed()
	assert(count == iterations*taken, "each had the lock for itself")
	return took
}

func semaphoreContended(iterations int) times {
	return semaphore(iterations, false)
}

func semaphoreHeld(iterations int) times {
	return semaphore(iterations, true)
}

// Goroutines that each take a permit of a few: a place in a channel.
func semaphore(iterations int, held bool) times {
	places := make(chan struct{}, permits)
	var inside, count atomic.Int64
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		together(tasks, func(int) {
			for i := 0; i < taken/tasks; i++ {
				places <- struct{}{}
				assert(inside.Add(1) <= permits, "there are as many as there are permits")
				if held {
					runtime.Gosched()
				}
				inside.Add(-1)
				<-places
			}
			count.Add(taken / tasks)
		})
	}
	took := watch.elapsed()
	assert(count.Load() == int64(iterations)*taken, "all had their turns")
	assert(len(places) == 0, "all were given back")
	return took
}

func rwlockAlone(iterations int) times {
	return rwlock(iterations, 1, taken+1)
}

func rwlockReaders(iterations int) times {
	return rwlock(iterations, tasks, taken+1)
}

func rwlockMixed(iterations int) times {
	return rwlock(iterations, tasks, write)
}

// One in so many turns of each goroutine writes, and all others read.
func rwlock(iterations, tasks, write int) times {
	var lock sync.RWMutex
	var pair [2]int
	turns := taken / tasks
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		together(tasks, func(int) {
			for i := 1; i <= turns; i++ {
				if i%write == 0 {
					lock.Lock()
					pair[0]++
					pair[1]++
					lock.Unlock()
				} else {
					lock.RLock()
					assert(pair[0] == pair[1], "nobody writes")
					lock.RUnlock()
				}
			}
		})
	}
	took := watch.elapsed()
	assert(pair[0] == iterations*tasks*(turns/write), "all have written")
	return took
}
