//go:build gpu

package gpu

/*
#cgo CFLAGS: -I${SRCDIR}/trampoline
#include <cuda.h>
#include "trampoline.h"
*/
import "C"

import (
	"fmt"
	"sync"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/atelier-engine/atelier/core/device"
)

// What cu lacks: opening the driver (see trampoline.c), pinned memory, and more than 48 KiB of shared memory.

const maxShared = cu.DeviceAttribute(C.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)

// awake opens the driver, once.
var awake = sync.OnceValue(func() error {
	switch code := C.atelier_cuda_open(); code {
	case 0:
		return nil
	case C.atelier_cuda_no_library:
		return fmt.Errorf("%w: there is no NVIDIA driver on this machine (%s)", device.ErrAbsent, C.GoString(C.atelier_cuda_reason()))
	default:
		return &Failure{Doing: "start the NVIDIA driver", Code: int(code)}
	}
})

func native(doing string, code C.CUresult) error {
	if code == C.CUDA_SUCCESS {
		return nil
	}
	return &Failure{Doing: doing, Code: int(code)}
}

// pinHost takes pinned host memory. It is never given back: lanes live as long as the process.
func pinHost(bytes int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	code := C.cuMemHostAlloc(&p, C.size_t(bytes), 0)
	return p, native("pin "+mebi(int64(bytes)), code)
}

// allowShared lets a kernel use so much dynamic shared memory.
func allowShared(f cu.Function, bytes int) error {
	handle := *(*C.CUfunction)(unsafe.Pointer(&f)) // cu.Function is the handle alone
	return native("allow shared memory", C.cuFuncSetAttribute(handle, C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes)))
}
