// A block of threads as fibers, and the things they wait for.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <vector>

#include "emulate.h"

#if defined(__x86_64__) && defined(__linux__)
// Saves the registers that a call must keep and the stack pointer, and takes those of another fiber.
extern "C" void fiber_switch(void **save, void *load);
asm(".text\n.globl fiber_switch\nfiber_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n");
struct Context {
    void *sp;
    void make(char *stack, size_t size, void (*entry)()) {
        void **top = (void **)(stack + size) - 1; // at entry the stack is 8 off a multiple of 16
        *--top = (void *)entry;
        for (int i = 0; i < 6; i++) *--top = nullptr;
        sp = top;
    }
    static void change(Context &from, Context &to) { fiber_switch(&from.sp, to.sp); }
};
#else
#include <ucontext.h>
struct Context {
    ucontext_t c;
    void make(char *stack, size_t size, void (*entry)()) {
        getcontext(&c);
        c.uc_stack.ss_sp = stack, c.uc_stack.ss_size = size, c.uc_link = nullptr;
        makecontext(&c, entry, 0);
    }
    static void change(Context &from, Context &to) { swapcontext(&from.c, &to.c); }
};
#endif

const int maxThreads = 1024;
const size_t stackSize = 64 << 10;

struct Copy {
    void *dst;
    const void *src;
    int bytes;
};

struct Fiber {
    Context context;
    dim3 thread;
    enum { READY, BARRIER, WARP, DONE } state;
    std::vector<std::vector<Copy>> groups; // committed, oldest first
    std::vector<Copy> open;
};

struct Warp {
    int arrived;
    void *lane[32];
    void (*work)(void *lane[32]);
};

struct Failure {
    const char *what;
};

enum Schedule { RISING, FALLING, SHUFFLED, SCHEDULES };

// The running block.
struct Block {
    Context scheduler;
    Fiber fibers[maxThreads];
    Warp warps[maxThreads / 32];
    char *stacks;
    Fiber *current;
    int threads, atBarrier, done;
    bool early; // asynchronous copies land at once
    const char *failure;
    void (*body)();

    static Block &get() {
        static Block *b = new Block();
        return *b;
    }
    Block() { stacks = (char *)mmap(nullptr, maxThreads * stackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

    int index(Fiber *f) { return (int)(f - fibers); }

    void yield() { Context::change(current->context, scheduler); }

    static void entry() {
        Block &b = get();
        b.body();
        b.current->state = Fiber::DONE;
        b.done++;
        b.yield();
    }

    void fail(const char *what) {
        if (!failure) failure = what;
        current->state = Fiber::DONE;
        yield();
    }

    // Runs body in every thread of a block. Returns what went wrong, or null.
    const char *run(dim3 size, Schedule schedule, void (*f)()) {
        threads = size.x * size.y * size.z, body = f, atBarrier = done = 0, failure = nullptr;
        early = schedule == FALLING;
        std::vector<int> order(threads);
        uint32_t seed = 1 + blockIdx.x * 7 + blockIdx.y * 31 + blockIdx.z;
        for (int i = 0; i < threads; i++) {
            order[i] = schedule == FALLING ? threads - 1 - i : i;
            if (schedule == SHUFFLED && i) {
                seed = seed * 1664525 + 1013904223;
                std::swap(order[i], order[(seed >> 8) % (i + 1)]);
            }
            Fiber &t = fibers[i];
            t.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
            t.state = Fiber::READY;
            t.groups.clear(), t.open.clear();
            t.context.make(stacks + i * stackSize, stackSize, entry);
        }
        for (int i = 0; i < threads; i += 32) warps[i / 32].arrived = 0;
        while (done < threads) {
            bool moved = false;
            for (int i : order) {
                Fiber &t = fibers[i];
                if (t.state != Fiber::READY) continue;
                moved = true;
                current = &t;
                threadIdx = t.thread;
                Context::change(scheduler, t.context);
                if (failure) return failure;
            }
            if (!moved) return "threads wait for others that never come: a barrier or a warp instruction in a branch";
        }
        return nullptr;
    }
};

inline void __syncthreads() {
    Block &b = Block::get();
    if (b.done) b.fail("a barrier after some threads have returned");
    if (++b.atBarrier == b.threads) {
        b.atBarrier = 0;
        for (int i = 0; i < b.threads; i++)
            if (b.fibers[i].state == Fiber::BARRIER) b.fibers[i].state = Fiber::READY;
        return;
    }
    b.current->state = Fiber::BARRIER;
    b.yield();
}

inline void warp_meet(void (*work)(void *lane[32]), void *mine) {
    Block &b = Block::get();
    int i = b.index(b.current);
    Warp &w = b.warps[i / 32];
    if (w.arrived && w.work != work) b.fail("lanes of a warp meet in different instructions");
    w.work = work, w.lane[i % 32] = mine;
    if (++w.arrived == 32) {
        w.arrived = 0;
        work(w.lane);
        for (int l = i / 32 * 32; l < i / 32 * 32 + 32; l++)
            if (b.fibers[l].state == Fiber::WARP) b.fibers[l].state = Fiber::READY;
        return;
    }
    b.current->state = Fiber::WARP;
    b.yield();
}

inline void land(const Copy &c) {
    if (c.src)
        memcpy(c.dst, c.src, c.bytes);
    else
        memset(c.dst, 0, c.bytes);
}

inline void copy_async(void *dst, const void *src, int bytes) {
    Block &b = Block::get();
    Copy c = {dst, src, bytes};
    if (b.early)
        land(c);
    else
        b.current->open.push_back(c);
}

inline void copy_commit() {
    Fiber *f = Block::get().current;
    f->groups.push_back(f->open);
    f->open.clear();
}

inline void copy_until(int groups) {
    Fiber *f = Block::get().current;
    while ((int)f->groups.size() > groups) {
        for (const Copy &c : f->groups[0]) land(c);
        f->groups.erase(f->groups.begin());
    }
}
