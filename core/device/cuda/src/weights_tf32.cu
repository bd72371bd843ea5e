// Gradients to weights on tensor cores in TF32. Both tiles lie in shared memory pixel by pixel, (16,BM) and
// (16,BN), so the fragments of A are read transposed; strides of 8 modulo 32 keep that free of bank conflicts.
#include "tensor.h"
#include "weights.h"

template <int BM, int BN, int WM, int WN> struct Tf32Columns : TensorTile<BM, BN, WM, WN> {
    typedef TensorTile<BM, BN, WM, WN> Tile;
    DEVICE Tf32Columns(int sa, int sb) : Tile(sa, sb) {}
    DEVICE void add(const float *A, const float *B) {
#pragma unroll
        for (int k = 0; k < 16; k += 8) {
            uint32_t a[Tile::MT][4];
#pragma unroll
            for (int i = 0; i < Tile::MT; i++) {
                const float *p = A + (k + (this->lane & 3)) * this->stride_a + this->m + 16 * i + (this->lane >> 2);
#pragma unroll
                for (int e = 0; e < 4; e++) a[i][e] = to_tf32(p[(e >> 1) * 4 * this->stride_a + (e & 1) * 8]);
            }
            this->template multiply<false>(a, B, k);
        }
    }
    template <class Out> DEVICE void store(const Out &out) const {
#pragma unroll
        for (int i = 0; i < Tile::MT; i++)
#pragma unroll
            for (int j = 0; j < Tile::NT; j++)
#pragma unroll
                for (int e = 0; e < 4; e++)
                    out.store(this->m + 16 * i + (this->lane >> 2) + (e >> 1) * 8, this->n + 8 * j + 2 * (this->lane & 3) + (e & 1), this->d[i][j][e]);
    }
};

#define WEIGHTS(name, BM, BN, WM, WN)                                       \
    KERNEL(128) name(WEIGHTS_PARAMS) {                                      \
        Weights c = WEIGHTS_ARGS;                                           \
        weights_gradient<Tf32Columns<BM, BN, WM, WN>, BM, BN>(c);           \
    }

WEIGHTS(weights_tf32_128x128, 128, 128, 2, 2)
WEIGHTS(weights_tf32_128x64, 128, 64, 2, 2)
WEIGHTS(weights_tf32_64x64, 64, 64, 2, 2)
WEIGHTS(weights_tf32_128x32, 128, 32, 4, 1)
