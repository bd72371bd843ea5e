// Package cuda holds the kernels of the GPU and knows how to launch them. It talks to no driver: it builds
// everywhere, without a build tag and without cgo, and so it is tested everywhere.
//
// The kernels are CUDA C++ (src), compiled to PTX (ptx) by `make ptx` and embedded, so that building the
// program needs no nvcc. A Target turns an operation, a geometry and addresses into an Op: launches for the
// driver to run in order. The caller owns all memory.
package cuda
