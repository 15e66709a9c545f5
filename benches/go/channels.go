package main

import "sync"

const (
	pairs      = 1_000
	alone      = 10_000
	roundTrips = 1_000
	senders    = 5
	messages   = 2_000
	room       = 100
	fromOne    = 10_000
	selected   = 10_000
)

// Pairs of goroutines: the first of each starts the second, sends it a number, and waits for the
// answer.
func pingPong(iterations int) times {
	answers := make([]int, pairs)
	watch := start()
	sum := 0
	for turn := 0; turn < iterations; turn++ {
		together(pairs, func(which int) {
			ping, pong := make(chan int, 1), make(chan int, 1)
			go func() { pong <- <-ping + 1 }()
			ping <- which
			answers[which] = <-pong
		})
		for i, answer := range answers {
			sum += answer
			answers[i] = 0
		}
	}
	took := watch.elapsed()
	assert(sum == iterations*(pairs*(pairs+1)/2), "all have answered")
	return took
}

// A channel for one value is made, sent to and received from.
func oneshotAlone(iterations int) times {
	count := iterations * alone
	watch := start()
	sum := 0
	for i := 0; i < count; i++ {
		value := make(chan int, 1)
		value <- i
		sum += <-value
	}
	took := watch.elapsed()
	assert(sum == count*(count-1)/2, "all was received")
	return took
}

// Two goroutines send each other a value in turns, each time through a channel for that value.
func oneshotAcross(iterations int) times {
	watch := start()
	sum := 0
	for turn := 0; turn < iterations; turn++ {
		pings, pongs := make([]chan int, roundTrips), make([]chan int, roundTrips)
		for i := range pings {
			pings[i], pongs[i] = make(chan int, 1), make(chan int, 1)
		}
		go func() {
			for i, ping := range pings {
				pongs[i] <- <-ping + 1
			}
		}()
		for i, ping := range pings {
			ping <- i
			sum += <-pongs[i]
		}
	}
	took := watch.elapsed()
	assert(sum == iterations*(roundTrips*(roundTrips+1)/2), "all have answered")
	return took
}

func mpscBounded(iterations int) times {
	return through(iterations, room, senders, messages)
}

// There is room for all messages, so that no sender waits.
func mpscUnbounded(iterations int) times {
	return through(iterations, senders*messages, senders, messages)
}

func mpscOneToOne(iterations int) times {
	return through(iterations, room, 1, fromOne)
}

func mpscRoomForOne(iterations int) times {
	return through(iterations, 1, 1, fromOne)
}

// So many goroutines send through a channel with that room, and the last one closes it.
func through(iterations, room, senders, messages int) times {
	watch := start()
	sum := 0
	for turn := 0; turn < iterations; turn++ {
		channel := make(chan int, room)
		var all sync.WaitGroup
		all.Add(senders)
		for sender := 0; sender < senders; sender++ {
			go func() {
				for i := 0; i < messages; i++ {
					channel <- i
				}
				all.Done()
			}()
		}
		go func() {
			all.Wait()
			close(channel)
		}()
		for i := range channel {
			sum += i
		}
	}
	took := watch.elapsed()
	assert(sum == iterations*senders*(messages*(messages-1)/2), "all was received")
	return took
}

// Takes a message from either of two channels that have one, until both are empty.
func selects(iterations int) times {
	var took times
	for turn := 0; turn < iterations; turn++ {
		one, other := full(), full()
		watch := start()
		sum := 0
		for i := 0; i < 2*selected; i++ {
			select {
			case message := <-one:
				sum += message
			case message := <-other:
				sum += message
			}
		}
		part := watch.elapsed()
		took.wall += part.wall
		took.processor += part.processor
		assert(sum == 2*(selected*(selected-1)/2), "all was received")
	}
	return took
}

func full() <-chan int {
	channel := make(chan int, selected)
	for i := 0; i < selected; i++ {
		channel <- i
	}
	return channel
}
