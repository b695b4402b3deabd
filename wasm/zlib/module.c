/*
 * zlib's deflate as a WebAssembly module: the upstream library, and these few functions around one stream, whose state lies in a
 * static array. Nothing is imported, nothing allocated.
 */
#include "state.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define TRIALS 8

extern unsigned char __heap_base;
/* The stream itself, and two copies of it at points that can be gone back to. */
struct state now;
static struct state fitting, candidate;
static int openLevel, openBits;

/* With bulk memory these become single instructions. */
void *memcpy(void *to, const void *from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memset(void *to, int byte, size_t size) { return __builtin_memset(to, byte, size); }

static void *take(void *opaque, unsigned count, unsigned size) {
    (void)opaque;
    size_t bytes = ((size_t)count * size + 15) & ~(size_t)15;
    if (bytes > STATE_BYTES - now.used) return 0;
    void *place = now.bytes + now.used;
    now.used += bytes;
    return place;
}
static void give(void *opaque, void *place) { (void)opaque; (void)place; }

static void copy(struct state *to, const struct state *from) {
    to->stream = from->stream;
    to->used = from->used;
    memcpy(to->bytes, from->bytes, from->used);
    memcpy(to->ordinals, from->ordinals, sizeof from->ordinals);
}

/* Where free memory begins. */
EXPORT("heapBase") size_t heapBase(void) { return ((size_t)&__heap_base + 63) & ~(size_t)63; }

/* Begins a stream: `bits` is 15 for zlib's container, -15 for none, 31 for gzip's. 0, or zlib's error. */
EXPORT("begin") int begin(int level, int bits) {
    if (openLevel == level && openBits == bits) return deflateReset(&now.stream);
    openLevel = 0;
    now.used = 0;
    now.stream.zalloc = take;
    now.stream.zfree = give;
    int code = deflateInit2(&now.stream, level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) return code;
    openLevel = level;
    openBits = bits;
    return code;
}
EXPORT("bound") size_t bound(size_t size) { return deflateBound(&now.stream, size); }
EXPORT("setInput") void setInput(unsigned char *from, size_t size) {
    now.stream.next_in = from;
    now.stream.avail_in = size;
}
EXPORT("setOutput") void setOutput(unsigned char *to, size_t capacity) {
    now.stream.next_out = to;
    now.stream.avail_out = capacity;
}
/* Goes on; with `last` the input is the stream's end. zlib's answer: 1 at the end. */
EXPORT("step") int step(int last) { return deflate(&now.stream, last ? Z_FINISH : Z_NO_FLUSH); }
EXPORT("inputLeft") size_t inputLeft(void) { return now.stream.avail_in; }
EXPORT("outputLeft") size_t outputLeft(void) { return now.stream.avail_out; }

static size_t filled;
/* Bytes that `fill` made. */
EXPORT("filledBytes") size_t filledBytes(void) { return filled; }

/*
 * Compresses, without a container, as long a start of the input as is found to take `capacity` bytes at most. The first guess of its length is
 * `guess`; what a point is worth is told by ending a copy of the stream there, so that every byte is looked up some once. `to` has room for
 * `bound` of the input. How many bytes of the input that is; 0 where the first guess shows that nothing is gained.
 */
EXPORT("fill") size_t fill(unsigned char *from, size_t size, unsigned char *to, size_t capacity, int level, size_t guess) {
    if (begin(level, -15) != Z_OK) return 0;
    setOutput(to, bound(size));
    copy(&fitting, &now);
    size_t low = 0, lowBytes = 0, high = size + 1, highBytes = 0, point = guess < size ? guess : size;
    for (int trial = 0; trial < TRIALS; trial++) {
        setInput(from + low, point - low);
        if (step(0) != Z_OK) return 0;
        copy(&candidate, &now);
        if (step(1) != Z_STREAM_END) return 0;
        size_t bytes = now.stream.total_out;
        double next;
        if (bytes <= capacity) {
            copy(&fitting, &candidate);
            low = point;
            lowBytes = bytes;
            if (low == size || capacity - bytes <= capacity / 256) break;
        } else {
            if (trial == 0 && bytes >= point * 0.97) return 0;
            high = point;
            highBytes = bytes;
        }
        /* Between two points known: what lies on their line, or else on the line from the start; a little less, to be on the safe side. */
        if (highBytes > 0) next = low + (double)(high - low) * (capacity - lowBytes) / (highBytes - lowBytes);
        else next = low + (double)(capacity - lowBytes) * low / lowBytes;
        point = (size_t)(next - (next - low) / 64);
        if (point >= high) point = high - 1;
        copy(&now, &fitting);
        if (point <= low + 16) break;
    }
    copy(&now, &fitting);
    now.stream.avail_in = 0;
    if (low == 0 || step(1) != Z_STREAM_END) return 0;
    filled = now.stream.total_out;
    return low;
}
