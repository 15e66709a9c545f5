package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	oneAtATime = 1_000
	many       = 100_000
	depth      = 1_000
	yielders   = 200
	turns      = 100
	n          = 18
	fibonacci  = 2_584
)

// Starts a goroutine that sends back a value, and receives it; then the next.
func spawnJoin(iterations int) times {
	count := iterations * oneAtATime
	watch := start()
	sum := 0
	for i := 0; i < count; i++ {
		i := i
		value := make(chan int, 1)
		go func() { value <- i }()
		sum += <-value
	}
	took := watch.elapsed()
	assert(sum == count*(count-1)/2, "the goroutines have run")
	return took
}

// Starts many goroutines, each of which leaves a value, and waits for all of them.
func spawnMany(iterations int) times {
	values := make([]int, many)
	watch := start()
	sum := 0
	for turn := 0; turn < iterations; turn++ {
		var all sync.WaitGroup
		all.Add(many)
		for i := range values {
			i := i
			go func() {
				values[i] = i
				all.Done()
			}()
		}
		all.Wait()
		for i, value := range values {
			sum += value
			values[i] = 0
		}
	}
	took := watch.elapsed()
	assert(sum == iterations*(many*(many-1)/2), "the goroutines have run")
	return took
}

// Starts many goroutines, and waits until the last of them has run.
func spawnDetached(iterations int) times {
	var left, sum atomic.Int64
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		done := make(chan struct{}, 1)
		left.Store(many)
		for i := 0; i < many; i++ {
			i := i
			go func() {
				sum.Add(int64(i))
				if left.Add(-1) == 0 {
					done <- struct{}{}
				}
			}()
		}
		<-done
	}
	took := watch.elapsed()
	assert(sum.Load() == int64(iterations)*(many*(many-1)/2), "the goroutines have run")
	return took
}

// Goroutines, each of which starts the next and ends.
func chain(iterations int) times {
	watch := start()
	links := 0
	for turn := 0; turn < iterations; turn++ {
		end := make(chan int, 1)
		link(0, end)
		links += <-end
	}
	took := watch.elapsed()
	assert(links == iterations*depth, "the chains are complete")
	return took
}

func link(at int, end chan<- int) {
	if at == depth {
		end <- at
	} else {
		go link(at+1, end)
	}
}

// Goroutines that take turns.
func yields(iterations int) times {
	counts := make([]int, yielders)
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		together(yielders, func(which int) {
			for i := 0; i < turns; i++ {
				runtime.Gosched()
				counts[which]++
			}
		})
	}
	took := watch.elapsed()
	sum := 0
	for _, count := range counts {
		sum += count
	}
	assert(sum == iterations*yielders*turns, "all turns were taken")
	return took
}

// Runs so many goroutines, and waits until all have ended.
func together(count int, run func(which int)) {
	var all sync.WaitGroup
	all.Add(count)
	for which := 0; which < count; which++ {
		which := which
		go func() {
			run(which)
			all.Done()
		}()
	}
	all.Wait()
}

// Computes a Fibonacci number: each call has a goroutine do the one half, and does the other
// itself.
func forkJoin(iterations int) times {
	watch := start()
	sum := 0
	for turn := 0; turn < iterations; turn++ {
		sum += fork(n)
	}
	took := watch.elapsed()
	assert(sum == iterations*fibonacci, "it is that number")
	return took
}

func fork(n int) int {
	if n < 2 {
		return n
	}
	half := make(chan int, 1)
	go func() { half <- fork(n - 1) }()
	other := fork(n - 2)
	return <-half + other
}
