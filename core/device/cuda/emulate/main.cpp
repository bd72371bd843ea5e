// Serves the tests: buffers and launches come in on standard input, results go out on standard output. All
// numbers are 64-bit little-endian; see ../emulator/emulator.go for the other side.
#include <signal.h>
#include <unistd.h>

#include <map>
#include <string>

#include "fiber.h"

dim3 threadIdx, blockIdx, blockDim, gridDim;

// Memory between two pages that cannot be touched. The end of the memory, rounded up to 16 bytes, meets the
// second; what is left before and after it is filled with NaN and looked at later.
struct Guarded {
    char *map = nullptr, *data = nullptr;
    size_t size = 0, total = 0;
    void make(size_t bytes) {
        drop();
        size_t page = sysconf(_SC_PAGESIZE), room = (bytes + 15) / 16 * 16;
        size = bytes, total = (room + page - 1) / page * page + 2 * page;
        map = (char *)mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(map, 0xff, total);
        mprotect(map, page, PROT_NONE), mprotect(map + total - page, page, PROT_NONE);
        data = map + total - page - room;
    }
    bool intact() const {
        size_t page = sysconf(_SC_PAGESIZE);
        for (char *p = map + page; p < map + total - page; p++)
            if ((p < data || p >= data + size) && *p != '\xff') return false;
        return true;
    }
    void drop() {
        if (map) munmap(map, total);
        map = nullptr;
    }
};

static std::vector<Guarded> buffers;
static Guarded shared;
static std::string running;

void *shared_memory() { return shared.data; }

static void read_all(void *to, size_t n) {
    for (char *p = (char *)to; n;) {
        ssize_t k = read(0, p, n);
        if (k <= 0) _exit(0);
        p += k, n -= k;
    }
}
static void write_all(const void *from, size_t n) {
    for (const char *p = (const char *)from; n;) {
        ssize_t k = write(1, p, n);
        if (k <= 0) _exit(1);
        p += k, n -= k;
    }
}
static uint64_t number() {
    uint64_t v;
    read_all(&v, 8);
    return v;
}
static void answer_number(uint64_t v) { write_all(&v, 8); }
static void answer_text(const std::string &s) {
    answer_number(s.size());
    write_all(s.data(), s.size());
}
// An answer: the length of an error message and the message; length 0 is success.
static void answer(const char *error) {
    uint64_t n = error ? strlen(error) : 0;
    write_all(&n, 8);
    if (n) write_all(error, n);
}

// Addresses: the number of the buffer plus one in the upper 24 bits.
static char *address(uint64_t v) {
    if (!v) return nullptr;
    size_t i = (v >> 40) - 1;
    return i < buffers.size() ? buffers[i].data + (v & ((1ull << 40) - 1)) : (char *)v;
}
void *listed(unsigned long long v) { return address(v); }
template <class T> static void unpack(T &v, uint64_t bits) { memcpy(&v, &bits, sizeof v); }
template <class T> static void unpack(T *&v, uint64_t bits) { v = (T *)address(bits); }

// A kernel of any signature behind a call without arguments.
static uint64_t slots[64];
static int count;
template <class... A> struct Caller {
    static void (*kernel)(A...);
    template <size_t... I> static void spread(std::index_sequence<I...>) {
        std::tuple<std::decay_t<A>...> a;
        (unpack(std::get<I>(a), slots[I]), ...);
        kernel(std::get<I>(a)...);
    }
    static void call() { spread(std::index_sequence_for<A...>()); }
};
template <class... A> void (*Caller<A...>::kernel)(A...);

// The kinds of parameters, numbered as in launch.go: pointer, int, float.
template <class T> struct KindOf;
template <class T> struct KindOf<T *> { static constexpr char kind = 0; };
template <> struct KindOf<int> { static constexpr char kind = 1; };
template <> struct KindOf<float> { static constexpr char kind = 3; };

struct Entry {
    std::string kinds;
    void (*prepare)(), (*call)();
};
static std::map<std::string, Entry> kernels;
template <auto K> struct Of;
template <class... A, void (*K)(A...)> struct Of<K> {
    static void prepare() { Caller<A...>::kernel = K; }
    static Entry entry() { return {{KindOf<A>::kind...}, prepare, Caller<A...>::call}; }
};

#include "sources.inc" // the kernels' sources and register_kernels

#include "faulty.h"
static std::map<std::string, Entry> faulty = {
    {"faulty_barrier", Of<faulty_barrier>::entry()},
    {"faulty_wait", Of<faulty_wait>::entry()},
    {"faulty_overwrite", Of<faulty_overwrite>::entry()},
    {"faulty_branch", Of<faulty_branch>::entry()},
    {"faulty_read", Of<faulty_read>::entry()},
    {"faulty_write", Of<faulty_write>::entry()},
    {"faulty_before", Of<faulty_before>::entry()},
    {"faulty_shared", Of<faulty_shared>::entry()},
    {"faulty_operand", Of<faulty_operand>::entry()},
    {"faulty_vector", Of<faulty_vector>::entry()},
    {"faulty_warp", Of<faulty_warp>::entry()},
};

static void crashed(int sig) {
    char text[200];
    snprintf(text, sizeof text, "%s: %s in thread %u,%u of block %u,%u,%u", running.c_str(),
             sig == SIGSEGV || sig == SIGBUS ? "memory outside of its buffers" : "an address that is not aligned, or a trap",
             threadIdx.x, threadIdx.y, blockIdx.x, blockIdx.y, blockIdx.z);
    answer(text);
    _exit(1);
}

static void launch() {
    char name[100] = {};
    read_all(name, number() % sizeof name);
    uint64_t grid[3], block[3];
    read_all(grid, sizeof grid), read_all(block, sizeof block);
    size_t bytes = number();
    Schedule schedule = (Schedule)number();
    count = number();
    read_all(slots, 8 * count);
    running = name;
    if (!kernels.count(name) && !faulty.count(name)) return answer((running + ": no such kernel").c_str());
    Entry e = kernels.count(name) ? kernels[name] : faulty[name];
    if ((int)e.kinds.size() != count) return answer((running + ": another number of parameters").c_str());
    gridDim = {(unsigned)grid[0], (unsigned)grid[1], (unsigned)grid[2]};
    blockDim = {(unsigned)block[0], (unsigned)block[1], (unsigned)block[2]};
    shared.make(bytes);
    e.prepare();
    for (unsigned z = 0; z < grid[2]; z++)
        for (unsigned y = 0; y < grid[1]; y++)
            for (unsigned x = 0; x < grid[0]; x++) {
                blockIdx = {x, y, z};
                memset(shared.data, 0xff, bytes);
                if (const char *error = Block::get().run(blockDim, schedule, e.call))
                    return answer((running + ": " + error).c_str());
            }
    if (!shared.intact()) return answer((running + ": wrote beside its shared memory").c_str());
    for (size_t i = 0; i < buffers.size(); i++)
        if (buffers[i].map && !buffers[i].intact())
            return answer((running + ": wrote beside buffer " + std::to_string(i)).c_str());
    answer(nullptr);
}

int main() {
    register_kernels();
    static char stack[1 << 16];
    stack_t alternative = {stack, 0, sizeof stack};
    sigaltstack(&alternative, nullptr);
    struct sigaction act = {};
    act.sa_handler = crashed, act.sa_flags = SA_ONSTACK;
    for (int s : {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE}) sigaction(s, &act, nullptr);
    for (;;) switch (number()) {
        case 'B': // a buffer: size
            buffers.emplace_back();
            buffers.back().make(number());
            break;
        case 'W': { // write: address, size, data
            char *to = address(number());
            read_all(to, number());
            break;
        }
        case 'R': { // read: address, size
            char *from = address(number());
            write_all(from, number());
            break;
        }
        case 'X': // free: address
            buffers[(number() >> 40) - 1].drop();
            break;
        case 'K': // the kernels: how many, then name and kinds of each
            answer_number(kernels.size());
            for (auto &k : kernels) answer(k.first.c_str()), answer_text(k.second.kinds);
            break;
        case 'F': // free all
            for (Guarded &g : buffers) g.drop();
            buffers.clear();
            break;
        case 'L':
            launch();
        }
}
