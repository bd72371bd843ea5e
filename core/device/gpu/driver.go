package gpu

import (
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// A driver drives one device: cu does (cu.go), and the tests' fake. Its methods are called by one goroutine that
// is locked to its thread. Errors are Failures.
type driver interface {
	// about describes the device.
	about() about
	// load compiles a module for the device. Its kernels are launched by name.
	load(m *module) error
	// room is how much memory is free and there in all, in bytes.
	room() (free, total int64, err error)
	// alloc takes device memory, free gives it back.
	alloc(bytes int) (cuda.Ptr, error)
	free(p cuda.Ptr) error
	// pin takes host memory that copies can read and write while the processor does something else.
	pin(bytes int) ([]byte, error)
	// upload and download copy between pinned and device memory, in the order of the stream. They return at once.
	upload(dst cuda.Ptr, src []byte, s stream) error
	download(dst []byte, src cuda.Ptr, s stream) error
	// launch starts a kernel, in the order of the stream. It returns at once.
	launch(l *cuda.Launch, scratch cuda.Ptr, s stream) error
	// event makes a mark; record puts it behind what the stream has been given so far, anew each time; wait makes a
	// stream wait for it. over reports whether everything before it is done; an event that was never recorded is.
	event() (event, error)
	record(e event, s stream) error
	wait(s stream, e event) error
	over(e event) (bool, error)
}

// stream is one of the three queues of a device. What is in one runs in order; the three run side by side.
type stream uint8

const (
	computing stream = iota
	copyingIn
	copyingOut
	streams // their number
)

// event is a mark in a stream.
type event int

// about is what must be known of a device.
type about struct {
	model        string
	driver       int // version as CUDA counts: 12020 is 12.2
	major, minor int // compute capability
	processors   int // multiprocessors
	shared       int // bytes of shared memory that a block may have at most
	memory       int64
}
