// The instructions that CUDA C++ has no name for. ../emulate/emulate.h has their twins.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

// The dynamic shared memory of the block, as values of a type.
extern __shared__ float4 dynamic_shared[];
#define SHARED(type, name) type *name = (type *)dynamic_shared

#if __CUDA_ARCH__ >= 800
#define TENSOR_CORES 1
#endif

// cp.async: copies 16 or 4 bytes from global to shared memory while the program goes on, or clears them if
// keep is false; src must be a valid address even then. cg passes the first cache by, ca fills it. Before 8.0 the
// copy is done at once.
#define COPY_ASYNC(cache, bytes)                                                                              \
    asm volatile("cp.async." #cache ".shared.global [%0], [%1], " #bytes ", %2;" ::"r"(                       \
                     (unsigned)__cvta_generic_to_shared(dst)),                                                \
                 "l"(src), "r"(keep ? bytes : 0)                                                              \
                 : "memory")

static __device__ __forceinline__ void copy16(float *dst, const float *src, bool keep) {
#ifdef TENSOR_CORES
    COPY_ASYNC(cg, 16);
#else
    *(float4 *)dst = keep ? *(const float4 *)src : make_float4(0, 0, 0, 0);
#endif
}

// The same through the first cache, for what neighbours will read again.
static __device__ __forceinline__ void copy16_cached(float *dst, const float *src, bool keep) {
#ifdef TENSOR_CORES
    COPY_ASYNC(ca, 16);
#else
    copy16(dst, src, keep);
#endif
}

static __device__ __forceinline__ void copy4(float *dst, const float *src, bool keep) {
#ifdef TENSOR_CORES
    COPY_ASYNC(ca, 4);
#else
    *dst = keep ? *src : 0.0f;
#endif
}

// Ends a group of copies of this thread.
static __device__ __forceinline__ void copy_commit() {
#ifdef TENSOR_CORES
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most N groups of copies of this thread are still under way.
template <int N> static __device__ __forceinline__ void copy_wait() {
#ifdef TENSOR_CORES
    asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
#endif
}

// Rounds to TF32: 10 bits of mantissa, ties away from zero.
static __device__ __forceinline__ uint32_t to_tf32(float v) {
#ifdef TENSOR_CORES
    uint32_t r;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(v));
    return r;
#else
    return __float_as_uint(v);
#endif
}

// Rounds two values to a pair of 16-bit ones, lo in the lower half.
struct Half {
    static __device__ __forceinline__ uint32_t pack(float lo, float hi) {
        __half2 h = __floats2half2_rn(lo, hi);
        return *(uint32_t *)&h;
    }
};
struct Brain {
    static __device__ __forceinline__ uint32_t pack(float lo, float hi) {
        __nv_bfloat162 h = __floats2bfloat162_rn(lo, hi);
        return *(uint32_t *)&h;
    }
};

#ifdef TENSOR_CORES
// ldmatrix: four 8x8 matrices of 16-bit values, here 8x4 of 32-bit ones. Lane l gives the address of row l%8
// of matrix l/8 and gets word l%4 of row l/4 of each.
static __device__ __forceinline__ void load_matrices(uint32_t r[4], const float *row) {
    unsigned at = (unsigned)__cvta_generic_to_shared(row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(at)
                 : "memory");
}

// d (16,8) += a (16,8) · b (8,8), TF32. With g = lane/4 and t = lane%4 a lane holds
//   a: (g,t) (g+8,t) (g,t+4) (g+8,t+4)   b: (t,g) (t+4,g)   d: (g,2t) (g,2t+1) (g+8,2t) (g+8,2t+1)
static __device__ __forceinline__ void mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// d (16,8) += a (16,16) · b (16,8), pairs of 16-bit values. With p = 2t:
//   a: (g,p..p+1) (g+8,p..) (g,p+8..) (g+8,p+8..)   b: (p..p+1,g) (p+8..p+9,g)   d: as above
static __device__ __forceinline__ void mma_pairs(float d[4], const uint32_t a[4], const uint32_t b[2], Half) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
static __device__ __forceinline__ void mma_pairs(float d[4], const uint32_t a[4], const uint32_t b[2], Brain) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif
