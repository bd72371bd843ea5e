// Package cuda holds the kernels of the GPU and knows how to launch them. It talks to no driver: it builds
// everywhere, without a build tag and without cgo, and so it is tested everywhere.
//
// # From an operation to launches
//
// A Target describes a GPU. Its methods are the operations, listed with their meaning in Operations: each turns a
// geometry and addresses into an Op, launches that the driver runs in order on one stream, and the scratch memory
// that they need. The caller owns all memory; nothing is allocated on the device here. Ops may be made once and
// launched often.
//
// # Kernels
//
// The sources are CUDA C++ (src), compiled to PTX (ptx) by `make ptx` with nvcc of CUDA 11.8, and embedded: a
// build needs neither. PTX for compute capability 7.0 runs on every later GPU; kernels for tensor cores, and those
// that copy asynchronously, have PTX for 8.0. The first line of PTX is the hash of its sources, and a test fails
// when they part.
//
//	conv.h            convolutions as implicit matrix products: pipeline, epilogue
//	gather.h          how their blocks gather and copy what they multiply
//	tensor.h plain.h  a block's tile: on tensor cores in TF32, float16, bfloat16; in float32 without them
//	conv_narrow.cu    convolutions to at most four channels
//	weights.h         gradients to weights, cut over pixels and added in order
//	finish.cu         what comes before and after a product: packed weights, parts added, borders folded back
//	columns.h         sums over pixels for every sample and channel: norm.cu, columns.cu
//	elementwise.h     maps and gathers: elementwise.cu, rows.cu, pool.cu, resize.cu, gram.cu
//	reduce.cu         sums over everything, losses
//
// A convolution's block computes 128x128, 128x96, 128x64, 64x64 or 128x32 outputs with four warps, 16 values of k at a
// time. Copies to shared memory are asynchronous and run one to three tiles ahead; rows are padded so that
// fragments are read without bank conflicts; results leave through shared memory in long runs, with bias,
// activation and residual. Nearest doubling before a 3x3 convolution becomes a transposed 4x4 convolution: 2.25
// times fewer products. Transposed convolutions, and gradients to the data of strided ones, are computed phase by
// phase, without multiplying zeros.
//
// No kernel uses atomics, and how sums are cut depends on one sample's geometry in the forward pass: the same
// launches give the same bits, and a sample's result does not depend on its batch.
//
// # Tests
//
// The same sources compile as C++ against emulate/emulate.h: blocks, barriers, warps, asynchronous copies and the
// instructions of tensor cores with the layouts of the PTX ISA. Every operation is compared with its plain twin in
// package kernel, under three schedules of threads and copies, between guard pages. Convolutions are compared bit
// for bit, on values that all precisions hold exactly. Kernels with deliberate mistakes check the emulator itself.
// It cannot tell what only hardware can: speed, and whether nvcc and the driver do what they promise.
package cuda
