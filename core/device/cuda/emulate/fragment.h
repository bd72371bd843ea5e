// The instructions of tensor cores, with the layouts of the PTX ISA 7.8: sections 9.7.13.4.7 (m16n8k8),
// 9.7.13.4.8 (m16n8k16) and 9.7.13.4.15 (ldmatrix). A lane holds parts of the matrices; the last lane of the
// warp to arrive puts them together and computes.
#pragma once

struct MatrixRows {
    uint32_t *r;
    const float *row;
};
static inline void matrices_work(void *lane[32]) {
    for (int l = 0; l < 32; l++) {
        for (int m = 0; m < 4; m++) {
            const float *row = ((MatrixRows *)lane[8 * m + l / 4])->row;
            if ((uintptr_t)row % 16) __builtin_trap();
            memcpy(&((MatrixRows *)lane[l])->r[m], row + l % 4, 4);
        }
    }
}
static inline void load_matrices(uint32_t r[4], const float *row) {
    MatrixRows m = {r, row};
    warp_meet(matrices_work, &m);
}

struct Product {
    float *d;
    const uint32_t *a, *b;
};

// Adds a (16,K) times b (K,8) to the lanes' parts of d. The tensor cores add the exact products of an
// instruction in one wide sum; so does this.
template <int K> static inline void product(void *lane[32], float a[16][K], float b[K][8]) {
    for (int l = 0; l < 32; l++) {
        float *d = ((Product *)lane[l])->d;
        for (int i = 0; i < 4; i++) {
            int row = l / 4 + (i >= 2 ? 8 : 0), col = l % 4 * 2 + (i & 1);
            double s = d[i];
            for (int k = 0; k < K; k++) s += (double)a[row][k] * b[k][col];
            d[i] = (float)s;
        }
    }
}

static inline float tf32_value(uint32_t u) { return __uint_as_float(u & ~0x1fffu); } // lower bits are not read

static inline void mma_tf32_work(void *lane[32]) {
    float a[16][8], b[8][8];
    for (int l = 0; l < 32; l++) {
        const Product *p = (const Product *)lane[l];
        for (int i = 0; i < 4; i++) {
            int row = i == 0 || i == 2 ? l >> 2 : (l >> 2) + 8;
            int col = i == 0 || i == 1 ? l % 4 : l % 4 + 4;
            a[row][col] = tf32_value(p->a[i]);
        }
        for (int i = 0; i < 2; i++) {
            int row = i == 0 ? l % 4 : l % 4 + 4;
            b[row][l >> 2] = tf32_value(p->b[i]);
        }
    }
    product<8>(lane, a, b);
}
static inline void mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2]) {
    Product p = {d, a, b};
    warp_meet(mma_tf32_work, &p);
}

template <class T> static inline void mma_pairs_work(void *lane[32]) {
    float a[16][16], b[16][8];
    for (int l = 0; l < 32; l++) {
        const Product *p = (const Product *)lane[l];
        for (int i = 0; i < 8; i++) { // a0..a7, two in each register
            int row = (i >= 0 && i < 2) || (i >= 4 && i < 6) ? l >> 2 : (l >> 2) + 8;
            int col = l % 4 * 2 + (i & 1) + (i >= 4 ? 8 : 0);
            a[row][col] = T::unpack(p->a[i / 2] >> 16 * (i & 1));
        }
        for (int i = 0; i < 4; i++) {
            int row = l % 4 * 2 + (i & 1) + (i >= 2 ? 8 : 0);
            b[row][l >> 2] = T::unpack(p->b[i / 2] >> 16 * (i & 1));
        }
    }
    product<16>(lane, a, b);
}
template <class T> static inline void mma_pairs(float d[4], const uint32_t a[4], const uint32_t b[2], T) {
    Product p = {d, a, b};
    warp_meet(mma_pairs_work<T>, &p);
}
