// Convolution as a matrix product that is never laid out (implicit GEMM, as in cuDNN: Chetlur et al., 2014).
//
//   out[m,o] = act(bias[o] + Σ_k A[m,k]·B[k,o]) + residual[m,o]
//
// A row m is an output pixel (sample, i, j), a column k a tap of the kernel and a channel of the source. A is
// gathered from the source while it is copied to shared memory. Two ways of gathering serve all convolutions:
//
//   direct  source = i·stride + a - pad                 forward; data gradient of a transposed one
//   turned  source = (i + pad - a)/step, if whole        transposed; data gradient of a plain one
//
// In the turned way outputs are dealt with in step² phases (i mod step, j mod step): within a phase the same
// taps a = r, r+step, ... are whole for every pixel, and nothing is multiplied by zeros.
// B is w (KH,KW,C,N) as it is, or with SWAPPED (KH,KW,N,C), the weights seen from the other side.
#pragma once
#include "device.h"

enum { THREADS = 128, TILE_K = 16 };
// WHOLE: a tile of k lies in one tap, since CK is a multiple of TILE_K, and A is copied in vectors. QUADS: each
// vector of A is a tap, since CK is 4; the gathering is direct, so B is read row after row.
enum { VECTOR_A = 1, VECTOR_B = 2, VECTOR_OUT = 4, TURNED = 8, WHOLE = 16, QUADS = 32 };

// What a kernel is given.
//   out (n,OH,OW,N), or (splits, n,OH,OW,N) partial sums if splits > 1; x (n,H,W,C); w; bias?; residual? as out
//   CK: channels that a tap takes in k, at least C; up: the source is seen enlarged
//   stages: of shared memory that hold tiles on their way; flags: the enum above
#define CONV_PARAMS                                                                                                                        \
    float *__restrict__ out, const float *__restrict__ x, const float *__restrict__ w, const float *__restrict__ bias, const float *residual, \
        int n, int H, int W, int C, int CK, int OH, int OW, int N, int KH, int KW, int stride, int step, int pad, int border, int up,          \
        int splits, int stages, int act, int flags
#define CONV_ARGS \
    {out, x, w, bias, residual, n, H, W, C, CK, OH, OW, N, KH, KW, stride, step, pad, border, up, splits, stages, act, flags}

struct Conv {
    float *out;
    const float *x, *w, *bias, *residual;
    int n, H, W, C, CK, OH, OW, N, KH, KW, stride, step, pad, border, up, splits, stages, act, flags;
};

// The taps of one axis in one phase: tap a' is row first + every·a' of the kernel and looks at source
// i·stride + origin + way·a'.
struct Axis {
    int first, every, count, origin, way, stride, outputs;
};
DEVICE Axis axis(const Conv &c, int K, int O, int phase) {
    if (!(c.flags & TURNED)) {
        Axis a = {0, 1, K, -c.pad, 1, c.stride, O};
        return a;
    }
    int r = (phase + c.pad) % c.step;
    Axis a = {r, c.step, r < K ? (K - r + c.step - 1) / c.step : 0, (phase + c.pad - r) / c.step, -1, 1, (O - phase + c.step - 1) / c.step};
    return a;
}

#include "gather.h"

// A block that knows where its results go as well.
template <int BM, int BN, int WORDS, bool SWAPPED> struct Worker : Loader<BM, BN, WORDS, SWAPPED> {
    typedef Loader<BM, BN, WORDS, SWAPPED> Load;
    using Load::c;
    using Load::m0;
    using Load::n0;
    using Load::px;
    using Load::py;
    using Load::rows;
    using Load::split;
    using Load::x;
    using Load::y;
    DEVICE Worker(const Conv &conv) : Load(conv) {}

    // The place of row m of A in out, as a pixel, or -1.
    DEVICE int pixel(int m) const {
        if (m >= rows) return -1;
        int line = m / x.outputs, sample = line / y.outputs;
        int i = (line - sample * y.outputs) * c.step + py, j = (m - line * x.outputs) * c.step + px;
        return (sample * c.OH + i) * c.OW + j;
    }
    // Writes what is in place for the rows of the block: four values of row m at column o.
    DEVICE void store4(int pixel, int o, float4 v) const {
        if (pixel < 0 || o >= c.N) return;
        long long at = (long long)pixel * c.N + o;
        if (c.splits > 1) at += (long long)split * c.n * c.OH * c.OW * c.N;
        bool finish = c.splits == 1;
        if (c.flags & VECTOR_OUT) {
            if (finish) {
                if (c.bias) {
                    float4 b = *(const float4 *)(c.bias + o);
                    v.x += b.x, v.y += b.y, v.z += b.z, v.w += b.w;
                }
                v = make_float4(activate(v.x, c.act), activate(v.y, c.act), activate(v.z, c.act), activate(v.w, c.act));
                if (c.residual) {
                    float4 r = *(const float4 *)(c.residual + at);
                    v.x += r.x, v.y += r.y, v.z += r.z, v.w += r.w;
                }
            }
            *(float4 *)(c.out + at) = v;
            return;
        }
#pragma unroll 1
        for (int e = 0; e < 4 && o + e < c.N; e++) {
            float u = e == 0 ? v.x : e == 1 ? v.y : e == 2 ? v.z : v.w;
            if (finish) {
                u = activate(c.bias ? u + c.bias[o + e] : u, c.act);
                if (c.residual) u += c.residual[at + e];
            }
            c.out[at + e] = u;
        }
    }
    // Writes a strip of 16 rows from shared memory; lanes share the work. Row r of it is row m + r of the block.
    DEVICE void flush(const int *pixels, const float *strip, int stride, int columns, int m, int n, int lane, int lanes) const {
        int vectors = columns / 4;
#pragma unroll 1
        for (int v = lane; v < 16 * vectors; v += lanes) {
            int r = v / vectors, o = v % vectors * 4;
            store4(pixels[m + r], n0 + n + o, *(const float4 *)(strip + r * stride + o));
        }
    }
};

// The loop over tiles, copies running stages - 1 tiles ahead. Math computes the block's tile.
template <class Math, int BM, int BN, int WM, int WN, bool SWAPPED> DEVICE void convolve(const Conv &c) {
    typedef Worker<BM, BN, Math::WORDS, SWAPPED> Load;
    Load load(c);
    if (load.m0 >= load.rows) return;
    SHARED(float, memory);
    const int size = Load::SIZE_A + Load::SIZE_B;
    int tiles = load.tiles;
    Math math(Load::STRIDE_A, Load::STRIDE_B);
    int now = 0, next = 0;
    for (int t = 1 - c.stages; t < tiles; t++) {
        if (t >= 0) {
            if (c.stages == 2)
                copy_wait<0>();
            else if (c.stages == 3)
                copy_wait<1>();
            else
                copy_wait<2>();
            __syncthreads(); // the tile is here for all, and all are done with the one before it
        }
        if (t + c.stages - 1 < tiles) load.load(memory + next * size, memory + next * size + Load::SIZE_A);
        copy_commit();
        next = next + 1 == c.stages ? 0 : next + 1;
        if (t >= 0) {
            math.add(memory + now * size, memory + now * size + Load::SIZE_A);
            now = now + 1 == c.stages ? 0 : now + 1;
        }
    }
    copy_wait<0>();
    __syncthreads(); // tiles have had their time: their memory carries the results
    int *pixels = (int *)memory;
    if (threadIdx.x < BM) pixels[threadIdx.x] = load.pixel(load.m0 + threadIdx.x);
    __syncthreads();
    math.store(load, pixels, memory + BM);
}
