/*
 * An LZ4 encoder as a WebAssembly module (LZ4 Block Format Description, 2022-07-31), of this project's own: blocks of the cheapest sequences that
 * are found, of a whole input or of as much of one as a block of a given size holds. Nothing is imported, nothing allocated: the caller
 * gives room to work in.
 *
 * A match costs the same whatever its distance, so of all matches at a position the longest is enough: binary trees, sorted by what follows, find
 * it, as in the match finder of LZMA. A search walks down one and puts its own position at the top.
 */
#include "unaligned.h"
#include <stddef.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define DISTANCE_MAX 65535
#define MATCH_MIN 4
/* "The last match must start at least 12 bytes before the end of block"; "the last 5 bytes are always literals". */
#define LAST_MATCH 12
#define LAST_LITERALS 5
#define HASH_BITS_MAX 16
#define UNREACHED 0x3fffffff

extern unsigned char __heap_base;

/* A position's subtrees: of what is smaller, and what is larger. */
struct node { int32_t smaller, larger; };

static int32_t heads[1 << HASH_BITS_MAX];
static const uint8_t *bytes;
static struct node *nodes;
static int matchEnd;

/* With bulk memory these become single instructions. */
void *memcpy(void *to, const void *from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memset(void *to, int byte, size_t size) { return __builtin_memset(to, byte, size); }

static inline int least(int a, int b) { return a < b ? a : b; }

/* Where what begins at `to` and what lies `back` before it differ, `end` at the latest. */
static inline int differ(int to, int back, int end) {
    while (to + 8 <= end) {
        uint64_t mixed = read64(bytes + to) ^ read64(bytes + to - back);
        if (mixed != 0) return to + (__builtin_ctzll(mixed) >> 3);
        to += 8;
    }
    while (to < end && bytes[to] == bytes[to - back]) to++;
    return to;
}

/* Puts a position in; where the longest match for it begins, or -1; it ends at `matchEnd`, which is `limit` at the latest. */
static inline __attribute__((always_inline)) int longest(int at, int limit, int depth, int hashBits, int niceLength) {
    uint32_t hash = (read32(bytes + at) * 0x9e3779b1u) >> (32 - hashBits);
    int candidate = heads[hash];
    heads[hash] = at;
    int nice = least(limit, at + niceLength);
    int best = at + MATCH_MIN - 1, source = -1;
    /* Where the next candidate goes below what is smaller and what is larger, and how much they share with this position. */
    int32_t *smaller = &nodes[at].smaller, *larger = &nodes[at].larger;
    int sharedSmaller = 0, sharedLarger = 0;
    for (int steps = depth;; steps--) {
        if (steps == 0 || candidate < 0 || at - candidate > DISTANCE_MAX) {
            *smaller = *larger = -1;
            break;
        }
        struct node *node = nodes + candidate;
        int to = differ(at + least(sharedSmaller, sharedLarger), at - candidate, nice);
        if (to > best) {
            best = to;
            source = candidate;
        }
        if (to >= nice) {
            *smaller = node->smaller;
            *larger = node->larger;
            break;
        }
        if (bytes[to - at + candidate] < bytes[to]) {
            *smaller = candidate;
            smaller = &node->larger;
            candidate = *smaller;
            sharedSmaller = to - at;
        } else {
            *larger = candidate;
            larger = &node->smaller;
            candidate = *larger;
            sharedLarger = to - at;
        }
    }
    if (source >= 0) best = differ(best, at - source, limit);
    matchEnd = best;
    return source;
}

/* Further bytes of a length that has 4 bits in the token. */
static inline int extension(int length) { return length < 15 ? 0 : 1 + (length - 15) / 255; }
/* What one literal more takes, where these are `literals` then. */
static inline int literalPrice(int literals) { return literals >= 15 && (literals - 15) % 255 == 0 ? 2 : 1; }
static inline int matchPrice(int length) { return 3 + extension(length - MATCH_MIN); }

static uint8_t *output;
/* Input behind the last match: literals of the next sequence. */
static int anchor;

static void putLength(int length) {
    int rest = length - 15;
    if (rest < 0) return;
    for (; rest >= 255; rest -= 255) *output++ = 255;
    *output++ = rest;
}
static void putLiterals(int until, int low) {
    int count = until - anchor;
    *output++ = least(15, count) << 4 | low;
    putLength(count);
    memcpy(output, bytes + anchor, count);
    output += count;
}
static void putMatch(int at, int length, int distance) {
    putLiterals(at, least(15, length - MATCH_MIN));
    *output++ = distance & 255;
    *output++ = distance >> 8;
    putLength(length - MATCH_MIN);
    anchor = at + length;
}

/* Where free memory begins. */
EXPORT("heapBase") size_t heapBase(void) { return ((size_t)&__heap_base + 63) & ~(size_t)63; }
/* How much room the work on an input takes, 8-byte aligned. */
EXPORT("workBytes") size_t workBytes(int size) { return (size_t)(size + 1) * (sizeof(struct node) + 3 * sizeof(int32_t) + sizeof(uint16_t)); }

static int32_t *lengths, *cost, *run;
static uint16_t *distances;

static void layOut(const uint8_t *from, int size, void *work, int hashBits) {
    bytes = from;
    nodes = work;
    lengths = (int32_t *)(nodes + size + 1);
    cost = lengths + size + 1;
    run = cost + size + 1;
    distances = (uint16_t *)(run + size + 1);
    memset(heads, 255, sizeof(int32_t) << hashBits);
}

#define WHOLE_HASH_BITS 16
/* A match of this length is long enough to end the search; the positions inside it take its rest. */
#define WHOLE_NICE 128

/*
 * Compresses a whole; how many bytes the block has: not more than the input and its literals' lengths. Finds the longest match at every
 * position, then one pass from the end chooses the cheapest way through. A search takes at most `depth` steps.
 */
EXPORT("compress") int compress(const uint8_t *from, int size, uint8_t *to, void *work, int depth) {
    layOut(from, size, work, WHOLE_HASH_BITS);
    int limit = size - LAST_LITERALS, last = size - LAST_MATCH;
    memset(lengths, 0, sizeof(int32_t) * size);
    for (int at = 0; at <= last; at++) {
        int before = at > 0 ? lengths[at - 1] : 0;
        if (before > WHOLE_NICE) {
            lengths[at] = before - 1;
            distances[at] = distances[at - 1];
            continue;
        }
        int source = longest(at, limit, depth, WHOLE_HASH_BITS, WHOLE_NICE);
        if (source < 0) continue;
        lengths[at] = matchEnd - at;
        distances[at] = at - source;
    }
    cost[size] = run[size] = 0;
    for (int at = size - 1; at >= 0; at--) {
        int literals = run[at + 1] + 1, cheapest = cost[at + 1] + literalPrice(literals);
        int most = lengths[at], length = 0;
        /* Beyond a nice length, a shorter match is not worth looking at. */
        int shortest = most > WHOLE_NICE ? most : MATCH_MIN;
        for (int candidate = most; candidate >= shortest; candidate--) {
            int price = cost[at + candidate] + matchPrice(candidate);
            if (price < cheapest) {
                cheapest = price;
                length = candidate;
            }
        }
        lengths[at] = length;
        cost[at] = cheapest;
        run[at] = length > 0 ? 0 : literals;
    }
    output = to;
    anchor = 0;
    for (int at = 0; at < size;) {
        int length = lengths[at];
        if (length > 0) putMatch(at, length, distances[at]);
        at += length == 0 ? 1 : length;
    }
    putLiterals(size, 0);
    return output - to;
}

#define FILL_HASH_BITS 15
/* A match of this length or more is taken whole. */
#define FILL_NICE 160

/* The cheapest way to every position, with the literals that end it, the match that ends it, and its distance; the last one that is reached. */
static int search(int size, int capacity, int depth) {
    int limit = size - LAST_LITERALS, last = size - LAST_MATCH, reached = 0;
    for (int at = 0; at <= size; at++) cost[at] = UNREACHED;
    cost[0] = run[0] = lengths[0] = 0;
    for (int at = 0; at < size && cost[at] <= capacity; at++) {
        int here = cost[at], literals = run[at] + 1, price = here + literalPrice(literals);
        reached = at + 1;
        if (price < cost[at + 1]) {
            cost[at + 1] = price;
            run[at + 1] = literals;
            lengths[at + 1] = 0;
        }
        if (at > last) continue;
        int source = longest(at, limit, depth, FILL_HASH_BITS, FILL_NICE);
        if (source < 0) continue;
        int most = matchEnd - at;
        for (int length = most >= FILL_NICE ? most : MATCH_MIN; length <= most; length++) {
            int to = at + length, total = here + matchPrice(length);
            if (total >= cost[to]) continue;
            cost[to] = total;
            run[to] = 0;
            lengths[to] = length;
            distances[to] = at - source;
        }
        if (most < FILL_NICE) continue;
        /* The way goes on behind it: nothing inside is looked at. */
        at += most - 1;
        reached = at + 1;
    }
    return reached;
}

/* Bytes of a block that ends with this many literals behind a position; `UNREACHED` where the format forbids it. */
static int priceOfEnd(int from, int more) {
    if (from < 0 || cost[from] >= UNREACHED) return UNREACHED;
    int before = run[from], literals = before + more, lastEnd = from - before;
    if (lastEnd > 0 && (literals < LAST_LITERALS || literals + lengths[lastEnd] < LAST_MATCH)) return UNREACHED;
    return cost[from] + more + extension(literals) - extension(before) + 1;
}

static void encode(int from, int end, uint8_t *to) {
    /* Where matches end, the last one first: `run` of positions that were passed is of no more use. */
    int count = 0, *ends = run + from;
    for (int at = from; at > 0;) {
        at -= run[at];
        if (at == 0) break;
        int length = lengths[at];
        ends[-count++] = at;
        at -= length;
    }
    output = to;
    anchor = 0;
    while (count > 0) {
        int at = ends[-(--count)];
        putMatch(at - lengths[at], lengths[at], distances[at]);
    }
    putLiterals(end, 0);
}

static int filled;
/* Bytes that `fill` made. */
EXPORT("filledBytes") int filledBytes(void) { return filled; }

/*
 * Fills a block of at most `capacity` bytes from the start of an input; how many bytes of it that takes, 0 where there is no room for any. One pass
 * forward keeps the cheapest way to every position, so that in the end the farthest one is taken that the block has room for.
 */
EXPORT("fill") int fill(const uint8_t *from, int size, uint8_t *to, int capacity, void *work, int depth) {
    static const int ends[] = {0, LAST_LITERALS, 8, LAST_MATCH};
    layOut(from, size, work, FILL_HASH_BITS);
    for (int end = search(size, capacity, depth); end > 0; end--)
        for (int i = 0; i < 4; i++) {
            filled = priceOfEnd(end - ends[i], ends[i]);
            if (filled > capacity) continue;
            encode(end - ends[i], end, to);
            return end;
        }
    return 0;
}
