// One thread for every few values, no shared memory. Loops stride by the grid, so that any grid is right.
#include "device.h"

#define EACH(i, n) for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)

// y = act(x); y may be x.
KERNEL(256) activation(float *y, const float *x, int n, int act) {
    EACH(i, n) { y[i] = activate(x[i], act); }
}

// dx = dy · act'(y), from the result y of the activation; dx may be dy.
KERNEL(256) activation_grad(float *dx, const float *y, const float *dy, int n, int act) {
    EACH(i, n) { dx[i] = activate_grad(y[i], dy[i], act); }
}
