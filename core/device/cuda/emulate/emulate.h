// CUDA on the CPU, for tests: the kernels' sources compile as C++ against this header.
//
// A block runs at a time, its threads as fibers. A fiber runs until it meets a barrier or an instruction of
// its whole warp (shuffle, ldmatrix, mma), which happens when the last lane arrives. What a GPU may do, this
// does in the worst way: shared memory starts as NaN; asynchronous copies land as late as the program allows,
// or, on another schedule, at once; threads run in rising, falling or shuffled order. A kernel whose results
// depend on any of that is wrong, and the tests run all.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(threads) static void
#define DEVICE inline
#define __restrict__ __restrict
#define TENSOR_CORES 1

struct dim3 {
    unsigned x, y, z;
};
struct float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// The running thread. Its fiber sets them.
extern dim3 threadIdx, blockIdx, blockDim, gridDim;

// The memory at an address that a kernel found in memory: see ../src/list.h.
void *listed(unsigned long long address);

void *shared_memory();
#define SHARED(type, name) type *name = (type *)shared_memory()

// Waits for all threads of the block.
void __syncthreads();

// Waits for the 32 lanes of the warp. The last one calls work with what every lane brought.
void warp_meet(void (*work)(void *lane[32]), void *mine);

static inline void no_work(void *[32]) {}
static inline void __syncwarp() { warp_meet(no_work, nullptr); }

struct Shuffle {
    uint32_t in, out;
    int source;
};
static inline void shuffle_work(void *lane[32]) {
    for (int i = 0; i < 32; i++) {
        Shuffle *s = (Shuffle *)lane[i];
        s->out = ((Shuffle *)lane[s->source])->in;
    }
}
static inline float shuffle(float v, int source) {
    Shuffle s;
    memcpy(&s.in, &v, 4);
    s.source = source;
    warp_meet(shuffle_work, &s);
    memcpy(&v, &s.out, 4);
    return v;
}
static inline float __shfl_xor_sync(unsigned, float v, int mask) { return shuffle(v, (threadIdx.x & 31) ^ mask); }
static inline double __shfl_xor_sync(unsigned, double v, int mask) {
    float half[2];
    memcpy(half, &v, 8);
    half[0] = __shfl_xor_sync(~0u, half[0], mask), half[1] = __shfl_xor_sync(~0u, half[1], mask);
    memcpy(&v, half, 8);
    return v;
}

// Asynchronous copies. Groups land when copy_wait demands it, the last possible moment, or at once.
void copy_async(void *dst, const void *src, int bytes);
void copy_commit();
void copy_until(int groups);
static inline void copy16(float *dst, const float *src, bool keep) {
    if ((uintptr_t)dst % 16 || (uintptr_t)src % 16) __builtin_trap(); // the hardware faults
    copy_async(dst, keep ? src : nullptr, 16);
}
static inline void copy16_cached(float *dst, const float *src, bool keep) { copy16(dst, src, keep); }
static inline void copy4(float *dst, const float *src, bool keep) { copy_async(dst, keep ? src : nullptr, 4); }
template <int N> static inline void copy_wait() { copy_until(N); }

static inline uint32_t __float_as_uint(float v) {
    uint32_t u;
    memcpy(&u, &v, 4);
    return u;
}
static inline float __uint_as_float(uint32_t u) {
    float v;
    memcpy(&v, &u, 4);
    return v;
}
template <class T> static inline T __ldg(const T *p) { return *p; }
static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }

// cvt.rna.tf32.f32: to nearest, ties away from zero; NaN stays one.
static inline uint32_t to_tf32(float v) {
    if (v != v) return 0x7fffffff;
    uint32_t u = __float_as_uint(v);
    return (u & 0x7f800000) == 0x7f800000 ? u : (u + 0x1000) & ~0x1fffu;
}

// float16 and bfloat16, to nearest, ties to even.
struct Half {
    static uint16_t round(float v) {
        uint32_t u = __float_as_uint(v), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
        if (a > 0x7f800000) return sign | 0x7fff;
        if (a >= 0x477ff000) return sign | 0x7c00;     // rounds beyond 65504
        if (a < 0x38800000) {                          // below 2^-14: multiples of 2^-24
            return sign | (uint32_t)rint(ldexp((double)__uint_as_float(a), 24));
        }
        a += 0xfff + (a >> 13 & 1);
        return sign | (a - 0x38000000) >> 13;
    }
    static float unpack(uint16_t h) {
        float sign = h & 0x8000 ? -1.0f : 1.0f;
        int e = h >> 10 & 31, m = h & 1023;
        if (e == 31) return m ? NAN : sign * INFINITY;
        return sign * (float)ldexp(e ? 1024 + m : m, e ? e - 25 : -24);
    }
    static uint32_t pack(float lo, float hi) { return round(lo) | (uint32_t)round(hi) << 16; }
};
struct Brain {
    static uint16_t round(float v) {
        uint32_t u = __float_as_uint(v);
        if (v != v) return 0x7fff;
        return (u + 0x7fff + (u >> 16 & 1)) >> 16;
    }
    static float unpack(uint16_t h) { return __uint_as_float((uint32_t)h << 16); }
    static uint32_t pack(float lo, float hi) { return round(lo) | (uint32_t)round(hi) << 16; }
};

#include "fragment.h"
