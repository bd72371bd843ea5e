// Sums over the rows of (n,hw,c) for every sample and channel, in two steps: a block adds a chunk of rows, a
// second kernel adds the chunks. A block is (width, 256/width) threads, width channels side by side; a thread
// owns a channel and every (256/width)-th row of the chunk.
//
// How rows are cut depends on hw and c only, so a sample's sums are the same bits in any batch. Runs of 32 rows
// are added by themselves first: float32 sums of a million rows keep 6 digits. Rows are read in batches without a
// condition in between, so that many loads are on their way at once.
#pragma once
#include "device.h"

enum { COLUMN_THREADS = 256, RUN = 32, BATCH = 8 };

// Where a thread of such a block is.
struct Column {
    int channel, sample, first, last; // rows
    DEVICE Column(int hw, int c, int chunk) {
        channel = blockIdx.y * blockDim.x + threadIdx.x;
        sample = blockIdx.z;
        first = blockIdx.x * chunk;
        last = first + chunk < hw ? first + chunk : hw;
    }
};

// Reads VALUES numbers of each row of this thread, then writes its results, in batches.
template <int VALUES, class R, class W> DEVICE void map_rows(const Column &col, R read, W write) {
    int r = col.first + threadIdx.y, step = blockDim.y;
#pragma unroll 1
    for (; r + (BATCH - 1) * step < col.last; r += BATCH * step) {
        float v[BATCH][VALUES];
#pragma unroll
        for (int u = 0; u < BATCH; u++) read(r + u * step, v[u]);
#pragma unroll
        for (int u = 0; u < BATCH; u++) write(r + u * step, v[u]);
    }
#pragma unroll 1
    for (; r < col.last; r += step) {
        float v[VALUES];
        read(r, v);
        write(r, v);
    }
}

// Adds the two values that the threads of a channel hold, in a fixed order; the sums are thread (x,0)'s.
template <class T> DEVICE void add_threads(T &a, T &b, T *memory) {
    int at = threadIdx.y * blockDim.x + threadIdx.x;
    T *second = memory + COLUMN_THREADS;
    memory[at] = a, second[at] = b;
    __syncthreads();
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
        if ((int)threadIdx.y < half) {
            memory[at] += memory[at + half * blockDim.x];
            second[at] += second[at + half * blockDim.x];
        }
        __syncthreads();
    }
    a = memory[at], b = second[at];
}

// Sums of value(row index in the tensor, a, b), which adds to a and b, into parts (n,chunks,2,c).
template <class F> DEVICE void add_rows(float *parts, int hw, int c, int chunk, F value) {
    SHARED(float, memory);
    Column col(hw, c, chunk);
    float sa = 0, sb = 0;
    if (col.channel < c) {
        long long base = (long long)col.sample * hw;
        for (int r = col.first + threadIdx.y; r < col.last; r += RUN * blockDim.y) {
            float a = 0, b = 0;
            long long at = (base + r) * c + col.channel, step = (long long)blockDim.y * c;
            int e = 0, rows = (col.last - r + (int)blockDim.y - 1) / (int)blockDim.y;
#pragma unroll 1
            for (; e < RUN && e + BATCH <= rows; e += BATCH) {
#pragma unroll
                for (int u = 0; u < BATCH; u++) value(at + (e + u) * step, a, b);
            }
#pragma unroll 1
            for (; e < RUN && e < rows; e++) value(at + e * step, a, b);
            sa += a, sb += b;
        }
    }
    add_threads(sa, sb, memory);
    if (threadIdx.y == 0 && col.channel < c) {
        float *p = parts + ((long long)col.sample * gridDim.x + blockIdx.x) * 2 * c + col.channel;
        p[0] = sa, p[c] = sb;
    }
}

// The sums of all chunks for the channel of this thread, in float64, for thread (x,0).
DEVICE void add_chunks(const float *parts, int chunks, int c, int channel, int sample, double &a, double &b) {
    SHARED(double, memory);
    a = b = 0;
    if (channel < c) {
#pragma unroll 8
        for (int k = threadIdx.y; k < chunks; k += blockDim.y) {
            const float *p = parts + ((long long)sample * chunks + k) * 2 * c + channel;
            a += p[0], b += p[c];
        }
    }
    add_threads(a, b, memory);
}
