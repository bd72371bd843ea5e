// What the trampoline library offers beside the driver's entry points.

#ifndef ATELIER_TRAMPOLINE_H
#define ATELIER_TRAMPOLINE_H

enum { atelier_cuda_no_library = -1 };

// atelier_cuda_open opens the driver and calls its cuInit. It returns 0, the
// driver's error code, or atelier_cuda_no_library when there is no driver. It is
// called once, before any other call.
int atelier_cuda_open(void);

// atelier_cuda_reason says why the library could not be opened, or is empty.
const char *atelier_cuda_reason(void);

#endif
