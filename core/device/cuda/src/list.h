// Lists of tensors in device memory, for kernels that work on many at once: rows of addresses and, last, the
// number of values of each, 8 bytes apiece. Row blockIdx.y is that of a block.
#pragma once
#include "device.h"

#ifdef __CUDACC__
DEVICE void *listed(unsigned long long address) { return (void *)address; }
#endif

template <int columns> struct Row {
    const unsigned long long *row;
    DEVICE explicit Row(const unsigned long long *list) : row(list + (columns + 1) * (long long)blockIdx.y) {}
    DEVICE float *operator[](int i) const { return (float *)listed(row[i]); }
    DEVICE int values() const { return (int)row[columns]; }
};
