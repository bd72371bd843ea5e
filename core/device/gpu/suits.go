package gpu

import (
	"fmt"
	"strings"

	"github.com/atelier-engine/atelier/core/device"
)

// least is the compute capability that the kernels need.
const least = 70

// suits says why a device cannot run PTX: its driver is older than the language's version, which the driver
// would refuse with less of a word, or the GPU is.
//
// PTX 7.x came with CUDA 11.x, PTX 8.x with CUDA 12.x, PTX 9.x with CUDA 13.x; minor numbers agree.
func (a about) suits(ptx string) error {
	if have := 10*a.major + a.minor; have < least {
		return fmt.Errorf("%w: its compute capability is %d.%d: the kernels need %d.%d (Volta, 2017, or later)", device.ErrAbsent, a.major, a.minor, least/10, least%10)
	}
	var major, minor int
	at := strings.Index(ptx, ".version")
	if at < 0 {
		return fmt.Errorf("the kernels name no version: rebuild them with make ptx")
	}
	if _, err := fmt.Sscanf(ptx[at:], ".version %d.%d", &major, &minor); err != nil {
		return fmt.Errorf("the kernels name no version: rebuild them with make ptx")
	}
	if need := (major+4)*1000 + minor*10; a.driver < need {
		return fmt.Errorf("%w: the driver knows CUDA %s: the kernels need %s: install a newer driver", device.ErrAbsent, cudaVersion(a.driver), cudaVersion(need))
	}
	return nil
}

// cudaVersion writes 12020 as 12.2.
func cudaVersion(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }
