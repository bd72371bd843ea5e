package device

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Errors of devices. What is wrapped around them says what to do.
var (
	// ErrAbsent: there is no such device on this machine, or the program was built without it.
	ErrAbsent = errors.New("no such device")
	// ErrMemory: the device has too little memory for the work.
	ErrMemory = errors.New("out of device memory")
	// ErrLost: the device stopped working; nothing that it held is left.
	ErrLost = errors.New("device lost")
)

// Info describes a device of this machine, or says why it cannot be used.
type Info struct {
	Name   string // what Open takes: "cpu", "gpu:0"
	Model  string // as its maker calls it
	Driver string // the newest version that its driver knows; "" if there is no driver
	Memory int64  // bytes; 0 if unknown
	Free   int64  // bytes that no program uses now, this one neither; 0 if Err is not nil
	Err    error  // why it cannot be used; nil if it can
}

// Kind is a kind of device that a program may be built with.
type Kind struct {
	// Open opens a device of the kind, by number from 0, to run networks in a precision. What trains on it does so
	// in Precision.Training of it.
	Open func(number int, p Precision) (Device, error)
	// List describes the devices of the kind. Where there is none it says why, in the Err of one Info.
	List func() []Info
}

var (
	kindsMu sync.Mutex
	kinds   = map[string]Kind{}
)

// Register adds a kind of device, from the init of a file with a build tag. It panics if the name is taken,
// which is a defect of the program.
func Register(name string, k Kind) {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if _, ok := kinds[name]; ok || name == "cpu" || name == Auto {
		panic("device: register " + name + ": the name is taken")
	}
	kinds[name] = k
}

// Auto is the name of the best device that can be used: the processor where there is no other.
const Auto = "auto"

// Open returns a device by name: "cpu", "auto", or a kind that the program was built with, alone or with a
// number, as in "gpu:1". The empty name is "cpu". A device that is asked for by name and cannot be used is an
// error that wraps ErrAbsent; auto then takes the processor. PrecisionOf says which precision the device has in
// place of one that it lacks.
func Open(name string, p Precision) (Device, error) {
	switch name {
	case "", "cpu":
		return NewCPU(), nil
	case Auto:
		d, _ := OpenAuto(p)
		return d, nil
	}
	kind, number, err := ParseName(name)
	if err != nil {
		return nil, fmt.Errorf("open device: %w", err)
	}
	kindsMu.Lock()
	k, ok := kinds[kind]
	kindsMu.Unlock()
	if !ok {
		hint := "use cpu"
		if kind == "gpu" {
			hint = "build it with make gpu, or use cpu"
		}
		return nil, fmt.Errorf("open device %q: %w: this program was built without it: %s", name, ErrAbsent, hint)
	}
	d, err := k.Open(number, p)
	if err != nil {
		return nil, fmt.Errorf("open device %q: %w", name, err)
	}
	return d, nil
}

// ParseName splits a name such as "gpu:1" into kind and number. Errors say what a name looks like; whether there
// is such a device is for Open to say.
func ParseName(name string) (kind string, number int, err error) {
	kind, digits, numbered := strings.Cut(name, ":")
	if numbered {
		number, err = strconv.Atoi(digits)
	}
	if err != nil || number < 0 || number > 1024 || kind == "" || numbered && (kind == "cpu" || kind == Auto) {
		return "", 0, fmt.Errorf("the name %q: write auto, cpu, gpu, or gpu:1 for the second one", name)
	}
	return kind, number, nil
}

// OpenAuto returns the first device beside the processor that can be used, else the processor and the reasons
// against the others, nil where the program knows no others.
func OpenAuto(p Precision) (Device, error) {
	var why []error
	for _, name := range others() {
		d, err := Open(name, p)
		if err == nil {
			return d, nil
		}
		why = append(why, err)
	}
	return NewCPU(), errors.Join(why...)
}

// others lists the kinds beside the processor.
func others() []string {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	var names []string
	for n := range kinds {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// List describes the devices beside the processor that the program knows: none if it was built without.
func List() []Info {
	var all []Info
	for _, name := range others() {
		kindsMu.Lock()
		k := kinds[name]
		kindsMu.Unlock()
		all = append(all, k.List()...)
	}
	return all
}
