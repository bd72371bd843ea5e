package gpu

import (
	"errors"
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
)

// Failure is an error of the driver: what was being done, and what the driver says. It wraps device.ErrMemory,
// device.ErrLost or device.ErrAbsent where it is one of those.
type Failure struct {
	Doing string // "launch conv_forward", "allocate 64.0 MiB"
	Code  int    // CUresult
}

func (f *Failure) Error() string {
	text := f.Doing + ": " + meaning(f.Code)
	if f.lost() {
		text += ": what the GPU held is gone"
	}
	return text
}

func (f *Failure) Unwrap() error {
	switch {
	case f.Code == outOfMemory:
		return device.ErrMemory
	case f.lost():
		return device.ErrLost
	case f.Code == noDevice || f.Code == invalidDevice || f.Code == unavailable || f.Code == notInitialised:
		return device.ErrAbsent
	}
	return nil
}

// Codes of cuda.h that decide what happens next.
const (
	outOfMemory    = 2
	notInitialised = 3
	deinitialised  = 4
	unavailable    = 46
	noDevice       = 100
	invalidDevice  = 101
	noBinary       = 209
	invalidPTX     = 218
	noCompiler     = 221
	unsupportedPTX = 222
)

// codes says what the codes mean that a user may meet.
var codes = map[int]string{
	1:              "invalid value",
	outOfMemory:    "out of memory",
	notInitialised: "the driver was not initialised",
	deinitialised:  "the driver is shutting down",
	34:             "a stub library stands in for the driver: remove it from the library path",
	36:             "the driver is not meant for this GPU",
	unavailable:    "the GPU is busy or reserved by another process",
	noDevice:       "no GPU was found",
	invalidDevice:  "there is no GPU of that number",
	201:            "invalid context",
	noBinary:       "the kernels do not fit this GPU",
	214:            "an uncorrectable memory error",
	invalidPTX:     "the driver cannot compile the kernels",
	220:            "an uncorrectable NVLink error",
	noCompiler:     "the driver's compiler library is missing: install libnvidia-ptxjitcompiler",
	unsupportedPTX: "the driver is older than the kernels: install a newer one",
	400:            "invalid handle",
	500:            "the driver lacks a function: install a newer one",
	700:            "an access to memory that is not there",
	701:            "a kernel needs more registers or shared memory than there are",
	702:            "a kernel ran too long: the system's watchdog ended it",
	709:            "the context was destroyed",
	710:            "an assertion on the GPU failed",
	714:            "a stack error on the GPU",
	715:            "an illegal instruction",
	716:            "a misaligned access",
	717:            "an access to the wrong address space",
	718:            "an invalid program counter",
	719:            "a kernel failed",
	721:            "an uncorrectable error that was contained",
	801:            "the driver does not support it",
	802:            "the system is not ready: is the fabric manager running?",
	803:            "the driver and the library on this machine do not belong together: reboot or reinstall the driver",
	804:            "the driver does not fit this GPU",
	999:            "an unknown error: the GPU may have fallen off the bus, see dmesg",
}

func meaning(code int) string {
	if text, ok := codes[code]; ok {
		return fmt.Sprintf("%s (CUDA error %d)", text, code)
	}
	return fmt.Sprintf("CUDA error %d", code)
}

// lost reports whether nothing more can be done with the device: such errors stay until the process ends.
func (f *Failure) lost() bool {
	switch f.Code {
	case deinitialised, 201, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 999:
		return true
	}
	return false
}

// lost reports whether an error means that the device is gone.
func lost(err error) bool { return errors.Is(err, device.ErrLost) }

// mebi writes a number of bytes.
func mebi(n int64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
