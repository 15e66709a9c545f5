// The questions, put to Go: what its users would write for the same work, with nothing but what
// comes with it.
//
// One process answers one question, which is its argument. It takes its orders from its standard
// input: a line with a number of iterations. It answers each with a line, the nanoseconds that
// the work itself took on the clock, and those of the processor, of all threads together; none of
// the latter where each of many times was taken. It ends with its input.
//
// A server tells its address first. Its orders are empty: it answers with what has passed since
// the one before.
//
// How many processors Go may use at once is in the environment, as GOMAXPROCS.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// So many iterations, which took so long.
type workload func(iterations int) times

// Starts a server, at the address that is returned.
type server func() string

var workloads = map[string]workload{
	"spawn_join":          spawnJoin,
	"spawn_many_inside":   spawnMany,
	"spawn_detached":      spawnDetached,
	"chain":               chain,
	"yield":               yields,
	"fork_join":           forkJoin,
	"ping_pong":           pingPong,
	"oneshot_alone":       oneshotAlone,
	"oneshot_across":      oneshotAcross,
	"mpsc_bounded":        mpscBounded,
	"mpsc_unbounded":      mpscUnbounded,
	"mpsc_1_to_1":         mpscOneToOne,
	"mpsc_room_for_1":     mpscRoomForOne,
	"select":              selects,
	"mutex_alone":         mutexAlone,
	"mutex_contended":     mutexContended,
	"mutex_held":          mutexHeld,
	"semaphore_contended": semaphoreContended,
	"semaphore_held":      semaphoreHeld,
	"rwlock_alone":        rwlockAlone,
	"rwlock_readers":      rwlockReaders,
	"rwlock_mixed":        rwlockMixed,
	"timers_never_fire":   timersNeverFire,
	"timers_fire":         timersFire,
	"timer_reset":         timerReset,
	"interval_median":     intervalMedian,
	"interval_p99":        intervalP99,
	"beside_blocking":     besideBlocking,
	"fs_small":            readSmall,
	"fs_read_64k":         readBy64K,
	"fs_read_1m":          readBy1M,
	"fs_write_64k":        writeBy64K,
	"fs_write_1m":         writeBy1M,
}

var servers = map[string]server{
	"echo":   serveMessages,
	"accept": serveVisits,
	"udp":    serveDatagrams,
	"http":   serveRequests,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: questions QUESTION")
		os.Exit(2)
	}
	name := os.Args[1]
	orders := bufio.NewScanner(os.Stdin)
	if serve, found := servers[name]; found {
		fmt.Println(serve())
		for watch := start(); orders.Scan(); watch = start() {
			watch.elapsed().tell()
		}
		return
	}
	work, found := workloads[name]
	assert(found, "no such question")
	for orders.Scan() {
		iterations, err := strconv.Atoi(orders.Text())
		must(err)
		work(iterations).tell()
	}
}

// What work took.
type times struct {
	wall      time.Duration
	processor time.Duration
}

func (t times) tell() {
	fmt.Println(t.wall.Nanoseconds(), t.processor.Nanoseconds())
}

// A measurement that has begun.
type stopwatch struct {
	processor time.Duration
	wall      time.Time
}

func start() stopwatch {
	return stopwatch{processorTime(), time.Now()}
}

func (s stopwatch) elapsed() times {
	wall := time.Since(s.wall)
	return times{wall, processorTime() - s.processor}
}

// What all threads of this process have used so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func assert(holds bool, claim string) {
	if !holds {
		panic(claim)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
