// Package gpu runs networks on NVIDIA GPUs, through gorgonia.org/cu and the kernels of package cuda.
//
// Only the files with the build tag gpu know cu; the rest talks to a driver (driver.go) and is built and tested
// everywhere. One goroutine, locked to its thread, makes all calls to the driver of a device (owner.go). Memory
// comes from a pool that gives back nothing to the driver and, once warm, asks it for nothing (pool.go). Copies
// go through pinned memory on streams of their own, so that they overlap with computing (copies.go). A network is
// lowered to steps by package device, and each step to launches by package cuda (program.go, routine.go).
package gpu
