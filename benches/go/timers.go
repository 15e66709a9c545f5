package main

import (
	"runtime"
	"sort"
	"sync/atomic"
	"time"
)

const (
	unfired  = 1_000_000
	fired    = 100_000
	reset    = 10_000
	span     = 500 * time.Millisecond
	period   = time.Millisecond
	ticks    = 300
	sleepers = 100
	sleeps   = 10
	blocked  = 5 * time.Millisecond
)

// Makes a timer, and stops it.
func timersNeverFire(iterations int) times {
	watch := start()
	for i := 0; i < iterations*unfired; i++ {
		timer := time.NewTimer(time.Minute + time.Duration(i*7919%3_600_000)*time.Millisecond)
		assert(timer.Stop(), "it has not fired")
	}
	return watch.elapsed()
}

// Starts goroutines that sleep, with deadlines that are spread over the span, and waits for them.
// Always processor time.
func timersFire(iterations int) times {
	var punctual atomic.Int64
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		now := time.Now()
		together(fired, func(which int) {
			deadline := now.Add(span * time.Duration(which*7919%fired) / fired)
			time.Sleep(time.Until(deadline))
			if !time.Now().Before(deadline) {
				punctual.Add(1)
			}
		})
	}
	took := watch.elapsed()
	assert(punctual.Load() == int64(iterations)*fired, "no timer fired early")
	return times{took.processor, took.processor}
}

// Puts off one timer, again and again.
func timerReset(iterations int) times {
	timer := time.NewTimer(time.Minute)
	watch := start()
	for i := 0; i < iterations*reset; i++ {
		later := time.Minute + time.Duration(i*7%60_000)*time.Millisecond
		assert(timer.Reset(later), "it has not fired")
	}
	took := watch.elapsed()
	timer.Stop()
	return took
}

func intervalMedian(iterations int) times {
	return interval(iterations, 50)
}

func intervalP99(iterations int) times {
	return interval(iterations, 99)
}

// The lateness of a ticker's ticks. It leaves out those that it is too late for: what comes after
// a tick is the next one that was to come when that was sent.
func interval(iterations, percent int) times {
	var sum time.Duration
	for turn := 0; turn < iterations; turn++ {
		began := time.Now()
		ticker := time.NewTicker(period)
		latenesses := make([]time.Duration, 0, ticks)
		last := time.Duration(0)
		for len(latenesses) < ticks {
			sent := <-ticker.C
			latenesses = append(latenesses, time.Since(began)-(last+1)*period)
			last = sent.Sub(began) / period
		}
		ticker.Stop()
		sum += percentile(latenesses, percent)
	}
	return times{wall: sum}
}

// The lateness of goroutines that sleep while another one uses the processor, with a yield from
// time to time.
func besideBlocking(iterations int) times {
	var sum time.Duration
	for turn := 0; turn < iterations; turn++ {
		var ends atomic.Bool
		times := make(chan int, 1)
		go func() { times <- blockUntil(&ends) }()
		each := make([][]time.Duration, sleepers)
		together(sleepers, func(which int) { each[which] = nap() })
		ends.Store(true)
		assert(<-times > 0, "somebody blocked")
		var latenesses []time.Duration
		for _, some := range each {
			latenesses = append(latenesses, some...)
		}
		assert(len(latenesses) == sleepers*sleeps, "all have slept")
		sum += percentile(latenesses, 99)
	}
	return times{wall: sum}
}

func nap() []time.Duration {
	latenesses := make([]time.Duration, 0, sleeps)
	for len(latenesses) < sleeps {
		deadline := time.Now().Add(period)
		time.Sleep(time.Until(deadline))
		late := time.Since(deadline)
		assert(late >= 0, "no timer fired early")
		latenesses = append(latenesses, late)
	}
	return latenesses
}

func blockUntil(ends *atomic.Bool) int {
	times := 0
	for !ends.Load() {
		for began := time.Now(); time.Since(began) < blocked; {
		}
		times++
		runtime.Gosched()
	}
	return times
}

// What such a share of the values, in percent, stays within.
func percentile(values []time.Duration, percent int) time.Duration {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	return values[(len(values)*percent+99)/100-1]
}
