// The tile of a block without tensor cores: 128 threads of 16 x 8, each with BM/16 x BN/8 outputs in full
// float32. Rows of A are 16 apart, so that the four rows a warp reads lie in different banks.
#pragma once
#include "device.h"

template <int BM, int BN, bool SWAPPED> struct Plain {
    enum { WORDS = 1, MT = BM / 16, NT = BN / 8 };
    float d[MT][NT];
    int stride_a, stride_b, m, n;

    DEVICE Plain(int sa, int sb) : stride_a(sa), stride_b(sb) {
        m = threadIdx.x >> 3, n = threadIdx.x & 7;
        #pragma unroll
        for (int i = 0; i < MT; i++)
            #pragma unroll
            for (int j = 0; j < NT; j++) d[i][j] = 0;
    }
    // Columns in vectors of four, or one by one where B has rows of n.
    DEVICE int column(int j) const { return SWAPPED ? n + 8 * j : n * 4 + j / 4 * 32 + j % 4; }

    DEVICE void add(const float *A, const float *B) {
        #pragma unroll
        for (int k = 0; k < 16; k += 4) {
            float b[4][NT];
            #pragma unroll
            for (int j = 0; j < NT; j += SWAPPED ? 1 : 4) {
                #pragma unroll
                for (int e = 0; e < 4; e++) {
                    if (SWAPPED) {
                        b[e][j] = B[column(j) * stride_b + k + e];
                    } else {
                        float4 v = *(const float4 *)(B + (k + e) * stride_b + column(j));
                        b[e][j] = v.x, b[e][j + 1] = v.y, b[e][j + 2] = v.z, b[e][j + 3] = v.w;
                    }
                }
            }
            #pragma unroll
            for (int i = 0; i < MT; i++) {
                float4 a = *(const float4 *)(A + (m + 16 * i) * stride_a + k);
                #pragma unroll
                for (int j = 0; j < NT; j++) d[i][j] = fmaf(a.w, b[3][j], fmaf(a.z, b[2][j], fmaf(a.y, b[1][j], fmaf(a.x, b[0][j], d[i][j]))));
            }
        }
    }
    template <class Out> DEVICE void store(const Out &out, const int *pixels, float *memory) const {
        const int stride = BN + 4;
#pragma unroll
        for (int i = 0; i < MT; i++) {
#pragma unroll
            for (int j = 0; j < NT; j++) memory[m * stride + column(j)] = d[i][j];
            __syncthreads();
            out.flush(pixels, memory, stride, BN, 16 * i, 0, threadIdx.x, 128);
            __syncthreads();
        }
    }
};
