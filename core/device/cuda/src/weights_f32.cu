// Gradients to weights in full float32: 128 threads of 16 x 8, each BM/16 x BN/8 outputs in vectors of four.
#include "weights.h"

template <int BM, int BN> struct PlainColumns {
    enum { MT = BM / 16, NT = BN / 8 };
    float d[MT][NT];
    int stride_a, stride_b, m, n;

    DEVICE PlainColumns(int sa, int sb) : stride_a(sa), stride_b(sb) {
        m = threadIdx.x >> 3, n = threadIdx.x & 7;
#pragma unroll
        for (int i = 0; i < MT; i++)
#pragma unroll
            for (int j = 0; j < NT; j++) d[i][j] = 0;
    }
    DEVICE int row(int i) const { return m * 4 + i / 4 * 64 + i % 4; }
    DEVICE int column(int j) const { return n * 4 + j / 4 * 32 + j % 4; }

    DEVICE void add(const float *A, const float *B) {
#pragma unroll 4
        for (int k = 0; k < 16; k++) {
            float a[MT], b[NT];
#pragma unroll
            for (int i = 0; i < MT; i += 4) {
                float4 v = *(const float4 *)(A + k * stride_a + row(i));
                a[i] = v.x, a[i + 1] = v.y, a[i + 2] = v.z, a[i + 3] = v.w;
            }
#pragma unroll
            for (int j = 0; j < NT; j += 4) {
                float4 v = *(const float4 *)(B + k * stride_b + column(j));
                b[j] = v.x, b[j + 1] = v.y, b[j + 2] = v.z, b[j + 3] = v.w;
            }
#pragma unroll
            for (int i = 0; i < MT; i++)
#pragma unroll
                for (int j = 0; j < NT; j++) d[i][j] = fmaf(a[i], b[j], d[i][j]);
        }
    }
    template <class Out> DEVICE void store(const Out &out) const {
#pragma unroll
        for (int i = 0; i < MT; i++)
#pragma unroll
            for (int j = 0; j < NT; j++) out.store(row(i), column(j), d[i][j]);
    }
};

#define WEIGHTS(name, BM, BN)                                  \
    KERNEL(128) name(WEIGHTS_PARAMS) {                         \
        Weights c = WEIGHTS_ARGS;                              \
        weights_gradient<PlainColumns<BM, BN>, BM, BN>(c);     \
    }

WEIGHTS(weights_f32_128x64, 128, 64)
WEIGHTS(weights_f32_128x32, 128, 32)
