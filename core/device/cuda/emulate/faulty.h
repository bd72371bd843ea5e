// Kernels with one mistake each, of the kinds that corrupt memory or results on a GPU now and then. A test wants
// every one of them found.
#pragma once

// The threads read what others wrote, without a barrier.
KERNEL(64) faulty_barrier(float *y, const float *x) {
    SHARED(float, memory);
    memory[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = memory[63 - threadIdx.x];
}

// The copies are read before they are waited for.
KERNEL(64) faulty_wait(float *y, const float *x) {
    SHARED(float, memory);
    copy4(memory + threadIdx.x, x + threadIdx.x, true);
    copy_commit();
    __syncthreads();
    y[threadIdx.x] = memory[threadIdx.x];
    copy_wait<0>();
}

// A tile is copied over another one that is still read: one barrier too few.
KERNEL(64) faulty_overwrite(float *y, const float *x) {
    SHARED(float, memory);
    memory[threadIdx.x] = 0;
    __syncthreads();
    y[threadIdx.x] = x[threadIdx.x] + memory[63 - threadIdx.x];
    copy4(memory + threadIdx.x, x + threadIdx.x, true);
    copy_commit();
    copy_wait<0>();
}

// Some threads wait at a barrier, some do not.
KERNEL(64) faulty_branch(float *y, const float *x) {
    if (threadIdx.x < 40) __syncthreads();
    y[threadIdx.x] = x[threadIdx.x];
}

// One value too far: read, written, and in shared memory.
KERNEL(64) faulty_read(float *y, const float *x) { y[threadIdx.x] = x[threadIdx.x + 1]; }
KERNEL(64) faulty_write(float *y, const float *x) { y[threadIdx.x + 1] = x[threadIdx.x]; }
KERNEL(64) faulty_before(float *y, const float *x) { y[(int)threadIdx.x - 1] = x[threadIdx.x]; }
KERNEL(64) faulty_shared(float *y, const float *x) {
    SHARED(float, memory);
    memory[threadIdx.x + 1] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = memory[threadIdx.x + 1];
}

// An operand is changed.
KERNEL(64) faulty_operand(float *y, float *x) { y[threadIdx.x] = x[threadIdx.x]++; }

// Vectors where nothing is aligned for them.
KERNEL(64) faulty_vector(float *y, const float *x) {
    SHARED(float, memory);
    copy16(memory, x + 1, true);
    y[threadIdx.x] = x[threadIdx.x];
}

// Lanes of a warp in different instructions.
KERNEL(64) faulty_warp(float *y, const float *x) {
    float v = x[threadIdx.x];
    if (threadIdx.x & 1)
        v = __shfl_xor_sync(~0u, v, 2);
    else
        __syncwarp();
    y[threadIdx.x] = v;
}
