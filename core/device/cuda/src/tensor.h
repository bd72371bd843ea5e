// The tile of a block on tensor cores: WM x WN warps, each with MT x NT products of 16x8.
#pragma once
#include "device.h"

// Fragments of B (8,8) for columns from n on at depth k, from rows of k or, SWAPPED, rows of n.
template <bool SWAPPED> DEVICE void fragment_b(uint32_t b[2], const float *B, int stride, int k, int n) {
    int g = (threadIdx.x & 31) >> 2, t = threadIdx.x & 3;
    const float *p = SWAPPED ? B + (n + g) * stride + k + t : B + (k + t) * stride + n + g;
    b[0] = __float_as_uint(p[0]);
    b[1] = __float_as_uint(p[SWAPPED ? 4 : 4 * stride]);
}

template <int BM, int BN, int WM, int WN> struct TensorTile {
    enum { MT = BM / WM / 16, NT = BN / WN / 8 };
    float d[MT][NT][4];
    int stride_a, stride_b, m, n, lane;

    DEVICE TensorTile(int sa, int sb) : stride_a(sa), stride_b(sb) {
        int warp = threadIdx.x >> 5;
        lane = threadIdx.x & 31;
        m = warp / WN * (BM / WM), n = warp % WN * (BN / WN);
        #pragma unroll
        for (int i = 0; i < MT; i++)
            #pragma unroll
            for (int j = 0; j < NT; j++)
                #pragma unroll
                for (int e = 0; e < 4; e++) d[i][j][e] = 0;
    }
    // Adds the products of A's fragments, rounded to TF32, with those of B at depth k.
    template <bool SWAPPED> DEVICE void multiply(const uint32_t (&a)[MT][4], const float *B, int k) {
        uint32_t b[NT][2];
        #pragma unroll
        for (int j = 0; j < NT; j++) {
            fragment_b<SWAPPED>(b[j], B, stride_b, k, n + 8 * j);
            #pragma unroll
            for (int e = 0; e < 2; e++) b[j][e] = to_tf32(__uint_as_float(b[j][e]));
        }
        #pragma unroll
        for (int i = 0; i < MT; i++)
            #pragma unroll
            for (int j = 0; j < NT; j++) mma_tf32(d[i][j], a[i], b[j]);
    }
    // Results go through shared memory, 16 rows of a warp at a time, so that they leave in long runs.
    template <class Out> DEVICE void store(const Out &out, const int *pixels, float *memory) const {
        const int columns = BN / WN, stride = columns + 8;
        float *strip = memory + (threadIdx.x >> 5) * 16 * stride;
#pragma unroll
        for (int i = 0; i < MT; i++) {
#pragma unroll
            for (int j = 0; j < NT; j++) {
                float *to = strip + (lane >> 2) * stride + 8 * j + 2 * (lane & 3);
                *(float2 *)to = make_float2(d[i][j][0], d[i][j][1]);
                *(float2 *)(to + 8 * stride) = make_float2(d[i][j][2], d[i][j][3]);
            }
            __syncwarp();
            out.flush(pixels, strip, stride, columns, m + 16 * i, n, lane, 32);
            __syncwarp();
        }
    }
};

// A (BM,16) row by row, B (16,BN) or (BN,16): TF32.
template <int BM, int BN, int WM, int WN, bool SWAPPED> struct Tf32 : TensorTile<BM, BN, WM, WN> {
    typedef TensorTile<BM, BN, WM, WN> Tile;
    enum { WORDS = 1 };
    DEVICE Tf32(int sa, int sb) : Tile(sa, sb) {}
    DEVICE void add(const float *A, const float *B) {
        #pragma unroll
        for (int k = 0; k < 16; k += 8) {
            uint32_t a[Tile::MT][4];
            #pragma unroll
            for (int i = 0; i < Tile::MT; i++) {
                load_matrices(a[i], A + (this->m + 16 * i + (this->lane & 15)) * this->stride_a + k + (this->lane >> 4) * 4);
                #pragma unroll
                for (int e = 0; e < 4; e++) a[i][e] = to_tf32(__uint_as_float(a[i][e]));
            }
            this->template multiply<SWAPPED>(a, B, k);
        }
    }
};

// A (BM,16) float32, rounded on its way to the registers; B (8,BN) words of two 16-bit values each: rows 2k
// and 2k+1 of the matrix.
template <class Type, int BM, int BN, int WM, int WN> struct Pairs : TensorTile<BM, BN, WM, WN> {
    typedef TensorTile<BM, BN, WM, WN> Tile;
    enum { WORDS = 2 };
    DEVICE Pairs(int sa, int sb) : Tile(sa, sb) {}
    DEVICE void add(const float *A, const float *B) {
        uint32_t a[Tile::MT][4], b[Tile::NT][2];
        #pragma unroll
        for (int i = 0; i < Tile::MT; i++) {
            #pragma unroll
            for (int e = 0; e < 4; e++) {
                int row = this->m + 16 * i + (this->lane >> 2) + (e & 1) * 8, column = (this->lane & 3) * 2 + (e >> 1) * 8;
                float2 v = *(const float2 *)(A + row * this->stride_a + column);
                a[i][e] = Type::pack(v.x, v.y);
            }
        }
        #pragma unroll
        for (int j = 0; j < Tile::NT; j++) fragment_b<false>(b[j], B, this->stride_b, 0, this->n + 8 * j);
        #pragma unroll
        for (int i = 0; i < Tile::MT; i++)
            #pragma unroll
            for (int j = 0; j < Tile::NT; j++) mma_pairs(this->d[i][j], a[i], b[j], Type());
    }
};
