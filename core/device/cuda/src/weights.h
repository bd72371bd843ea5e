// Gradient to the weights of a convolution, as a matrix product over pixels:
//
//	dw[(a,b,c),o] = alpha · Σ_m source[m; a,b,c] · rows[m,o]
//
// m runs over pixels (n,PH,PW); source is a tensor (n,H,W,C) gathered at i·stride + a - pad, rows is (n·PH·PW,N).
// A plain convolution has source = x and rows = dy; a transposed one source = dy and rows = x, and the result is
// stored transposed. The sum is cut into splits that are added afterwards in order (sum_parts): no atomics, the
// same bits every time.
#pragma once
#include "device.h"

#define WEIGHTS_PARAMS                                                                                                 \
    float *__restrict__ dw, const float *__restrict__ source, const float *__restrict__ rows, int n, int H, int W, int C, int PH, \
        int PW, int N, int KH, int KW, int stride, int pad, int border, int up, int splits, int stages, int transposed, int flags, float alpha
#define WEIGHTS_ARGS \
    {dw, source, rows, n, H, W, C, PH, PW, N, KH, KW, stride, pad, border, up, splits, stages, transposed, flags, alpha}

struct Weights {
    float *dw;
    const float *source, *rows;
    int n, H, W, C, PH, PW, N, KH, KW, stride, pad, border, up, splits, stages, transposed, flags;
    float alpha;
};

enum { WEIGHTS_THREADS = 128, PIXELS = 16, VECTOR_SOURCE = 1, VECTOR_ROWS = 2 };

// A pixel of the output: sample and place.
struct Pixel {
    int sample, i, j;
};

// The block's part: BM columns (a,b,c) of the source, BN columns of rows, a range of pixels.
template <int BM, int BN> struct WeightsLoader {
    enum {
        STRIDE_A = BM + 8,
        STRIDE_B = BN + 8,
        SIZE_A = PIXELS * STRIDE_A,
        SIZE_B = PIXELS * STRIDE_B,
        VECTORS = BM / 4,
        STEP = WEIGHTS_THREADS / VECTORS, // rows that the threads cover at once
        PASSES = PIXELS / STEP
    };
    const Weights &c;
    int m0, n0, columns, pixel, end; // pixel: first of the next tile
    int tiles;
    int ta[4], tb[4], tc[4]; // taps and channels of this thread's columns
    Pixel at[PASSES];

    DEVICE WeightsLoader(const Weights &w) : c(w) {
        m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
        columns = c.KH * c.KW * c.C;
        int pixels = c.n * c.PH * c.PW, all = (pixels + PIXELS - 1) / PIXELS;
        int first = (int)((long long)all * blockIdx.z / c.splits);
        tiles = (int)((long long)all * (blockIdx.z + 1) / c.splits) - first;
        pixel = first * PIXELS;
        end = pixels;
#pragma unroll
        for (int e = 0; e < 4; e++) {
            int m = m0 + threadIdx.x % VECTORS * 4 + e, tap = m / c.C;
            tc[e] = m - tap * c.C, ta[e] = tap / c.KW, tb[e] = tap - ta[e] * c.KW;
        }
#pragma unroll
        for (int p = 0; p < PASSES; p++) {
            int k = pixel + threadIdx.x / VECTORS + p * STEP, line = k / c.PW;
            at[p].j = k - line * c.PW, at[p].sample = line / c.PH, at[p].i = line - at[p].sample * c.PH;
        }
    }
    DEVICE const float *from(const Pixel &q, int e) const {
        int i = border_index(q.i * c.stride + ta[e] - c.pad, c.H * c.up, c.border);
        int j = border_index(q.j * c.stride + tb[e] - c.pad, c.W * c.up, c.border);
        if (i < 0 || j < 0 || q.sample >= c.n || ta[e] >= c.KH) return nullptr;
        if (c.up == 2) i >>= 1, j >>= 1;
        return c.source + (long long)((q.sample * c.H + i) * c.W + j) * c.C + tc[e];
    }
    DEVICE void load(float *A, float *B) {
#pragma unroll
        for (int p = 0; p < PASSES; p++) {
            float *to = A + (threadIdx.x / VECTORS + p * STEP) * STRIDE_A + threadIdx.x % VECTORS * 4;
            if (c.flags & VECTOR_SOURCE) {
                const float *s = from(at[p], 0);
                copy16(to, s ? s : c.source, s);
            } else {
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    const float *s = from(at[p], e);
                    copy4(to + e, s ? s : c.source, s);
                }
            }
            at[p].j += PIXELS; // faster than a division, unless pictures are tiny
#pragma unroll 1
            while (at[p].j >= c.PW) {
                at[p].j -= c.PW;
                if (++at[p].i == c.PH) at[p].i = 0, at[p].sample++;
            }
        }
        const int vectors = BN / 4;
        int column = threadIdx.x % vectors * 4, o = n0 + column;
#pragma unroll
        for (int r = threadIdx.x / vectors; r < PIXELS; r += WEIGHTS_THREADS / vectors) {
            bool keep = pixel + r < end;
            const float *s = c.rows + (keep && o < c.N ? (long long)(pixel + r) * c.N + o : 0);
            float *to = B + r * STRIDE_B + column;
            if (c.flags & VECTOR_ROWS) {
                copy16(to, s, keep && o < c.N);
            } else {
#pragma unroll 1
                for (int e = 0; e < 4; e++) {
                    bool inside = keep && o + e < c.N;
                    copy4(to + e, inside ? s + e : c.rows, inside);
                }
            }
        }
        pixel += PIXELS;
    }
    DEVICE void store(int m, int o, float v) const {
        m += m0, o += n0;
        if (m >= columns || o >= c.N) return;
        long long at = (long long)m * c.N + o;
        if (c.transposed) {
            int tap = m / c.C;
            at = ((long long)tap * c.N + o) * c.C + m - tap * c.C;
        }
        c.dw[(long long)blockIdx.z * columns * c.N + at] = v * c.alpha;
    }
};

template <class Math, int BM, int BN> DEVICE void weights_gradient(const Weights &c) {
    typedef WeightsLoader<BM, BN> Load;
    Load load(c);
    SHARED(float, memory);
    const int size = Load::SIZE_A + Load::SIZE_B;
    Math math(Load::STRIDE_A, Load::STRIDE_B);
    int now = 0, next = 0;
    for (int t = 1 - c.stages; t < load.tiles; t++) {
        if (t >= 0) {
            if (c.stages == 2)
                copy_wait<0>();
            else if (c.stages == 3)
                copy_wait<1>();
            else
                copy_wait<2>();
            __syncthreads();
        }
        if (t + c.stages - 1 < load.tiles) load.load(memory + next * size, memory + next * size + Load::SIZE_A);
        copy_commit();
        next = next + 1 == c.stages ? 0 : next + 1;
        if (t >= 0) {
            math.add(memory + now * size, memory + now * size + Load::SIZE_A);
            now = now + 1 == c.stages ? 0 : now + 1;
        }
    }
    math.store(load);
}
