package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

const (
	large      = 256 << 20
	small      = 4 << 10
	smallFiles = 10_000
	inFlight   = 64
	mebibyte   = 1 << 20
)

// A file of those that are laid out.
func ground(name string) string {
	return filepath.Join(os.Getenv("RUNTIME_BENCH_GROUND"), name)
}

// Reads all the small files, many at a time.
func readSmall(iterations int) times {
	paths := make([]string, smallFiles)
	for i := range paths {
		paths[i] = ground("small-" + strconv.Itoa(i))
	}
	var read atomic.Int64
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		together(inFlight, func(first int) {
			for i := first; i < smallFiles; i += inFlight {
				bytes, err := os.ReadFile(paths[i])
				must(err)
				read.Add(int64(len(bytes)))
			}
		})
	}
	took := watch.elapsed()
	assert(read.Load() == int64(iterations)*smallFiles*small, "all was read")
	return took
}

func readBy64K(iterations int) times {
	return readBy(iterations, 64<<10)
}

func readBy1M(iterations int) times {
	return readBy(iterations, mebibyte)
}

// Reads the large file, so many bytes at a time.
func readBy(iterations, size int) times {
	bytes := make([]byte, size)
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		file, err := os.Open(ground("large"))
		must(err)
		total := 0
		for err == nil {
			var length int
			length, err = file.Read(bytes)
			total += length
		}
		assert(err == io.EOF && total == large, "all was read")
		must(file.Close())
	}
	return watch.elapsed()
}

// Writes a large file, a MiB at a time.
func writeBy64K(iterations int) times {
	return writeBy(iterations, 64<<10)
}

func writeBy1M(iterations int) times {
	return writeBy(iterations, mebibyte)
}

func writeBy(iterations int, size int) times {
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = 7
	}
	watch := start()
	for turn := 0; turn < iterations; turn++ {
		file, err := os.Create(ground("written"))
		must(err)
		for total := 0; total < large; total += len(bytes) {
			_, err := file.Write(bytes)
			must(err)
		}
		must(file.Close())
	}
	return watch.elapsed()
}
