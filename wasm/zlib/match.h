/*
 * zlib's search for matches: upstream's answers, in a third of the time at level 9. deflate.c includes this in front of its own longest_match, which
 * is called upstream_longest_match then (build.sh).
 */
#include "deflate.h"
#include "state.h"
#include "unaligned.h"

/* As upstream's, and counts. */
#undef INSERT_STRING
#define INSERT_STRING(s, at, earlier) \
    (UPDATE_HASH(s, s->ins_h, s->window[(at) + (MIN_MATCH - 1)]), \
     earlier = s->prev[(at) & s->w_mask] = s->head[s->ins_h], \
     now.ordinals[(at) & s->w_mask] = now.ordinals[(earlier) & s->w_mask] + 1, \
     s->head[s->ins_h] = (Pos)(at))

local uInt upstream_longest_match(deflate_state *s, IPos cur_match);

/* Strings of the first chain that are looked at before a shorter chain is sought. */
#define PATIENCE 8

/* How many bytes are the same, MAX_MATCH at most. */
static inline unsigned sameBytes(const unsigned char *a, const unsigned char *b) {
    for (unsigned at = 0; at < MAX_MATCH - 2; at += 8) {
        uint64_t difference = read64(a + at) ^ read64(b + at);
        if (difference) return at + (__builtin_ctzll(difference) >> 3);
    }
    if (a[MAX_MATCH - 2] != b[MAX_MATCH - 2]) return MAX_MATCH - 2;
    return a[MAX_MATCH - 1] != b[MAX_MATCH - 1] ? MAX_MATCH - 1 : MAX_MATCH;
}

/* What is sought: a match of the string at `scan` that is longer than `best` and lies after `limit`. Places count from the window's start. */
struct search {
    const unsigned char *window, *scan;
    const Posf *prev;
    unsigned mask, best;
    IPos start, limit;
};

/* A string `offset` bytes into a place, in the hash chain of such strings. */
struct link {
    unsigned offset;
    IPos at;
};

/*
 * Walks the chain from a link, which is looked at, to the next match; how long that is. Otherwise 0: the chain ended, which `link->at` shows, or so
 * many links as `*left` were looked at.
 */
static inline unsigned walk(const struct search *search, struct link *link, unsigned *left) {
    const unsigned char *places = search->window - link->offset, *scan = search->scan;
    const Posf *prev = search->prev;
    const unsigned mask = search->mask, best = search->best;
    const IPos end = search->limit + link->offset;
    IPos at = link->at;
    unsigned count = *left, found = 0;
#define NEXT ((at = prev[at & mask]) > end && --count != 0)
    /* A longer match has the byte after the best one's end, too: it is told by the bytes before and at that place. */
    if (best >= 7) {
        const unsigned char *tails = places + best - 7;
        const uint64_t tail = read64(scan + best - 7);
        do {
            if (read64(tails + at) == tail && (found = sameBytes(scan, places + at)) > best) break;
            found = 0;
        } while (NEXT);
    } else {
        const unsigned before = best < 3 ? 0 : best - 3, kept = best < 3 ? 0xffffff : 0xffffffff;
        const unsigned char *tails = places + before;
        const unsigned tail = read32(scan + before) & kept;
        do {
            if ((read32(tails + at) & kept) == tail && (found = sameBytes(scan, places + at)) > best) break;
            found = 0;
        } while (NEXT);
    }
#undef NEXT
    link->at = at;
    *left = count;
    return found;
}

/*
 * Goes over to the chain that next comes to a place the farthest back, among those of the three bytes at `*from` and all further ones that a longer
 * match has. 0 if one of them has no place, and so there is no match.
 */
static inline int goOver(const deflate_state *s, const struct search *search, struct link *link, unsigned *from) {
    const unsigned char *scan = search->scan;
    unsigned hash = (scan[*from] << s->hash_shift ^ scan[*from + 1]) & s->hash_mask;
    for (; *from + 2 <= search->best; ++*from) {
        const unsigned offset = *from;
        const IPos place = link->at - link->offset;
        UPDATE_HASH(s, hash, scan[offset + 2]);
        /* Strings after the start are in no chain yet: what is nearer than the offset must have been looked at. */
        if (offset > search->start - place) break;
        const IPos head = s->head[hash];
        if (head <= search->limit + offset) return 0;
        if (head - offset < place) *link = (struct link){offset, head};
    }
    return 1;
}

/*
 * The longest match of the string at `strstart` among the strings before it in its hash chain, of which `place` is the nearest, if it is longer than
 * `prev_length`: its length, and its place in `match_start`. Of matches as long as each other the nearest.
 *
 * A match longer than the best has every three bytes of the best one and the next, too: whichever of their chains has the fewest links leads to the
 * same matches. Upstream looks at so many links of the first chain only; whether it would have come to a match, the ordinals tell.
 */
local uInt longest_match(deflate_state *s, IPos place) {
    /* The levels below look at few strings; those below 4 do not put each into its chain. */
    if (s->level < 6) return upstream_longest_match(s, place);

    const IPos start = s->strstart, limit = start > (IPos)MAX_DIST(s) ? start - (IPos)MAX_DIST(s) : 0;
    struct search search = {s->window, s->window + start, s->prev, s->w_mask, s->prev_length, start, limit};
    const unsigned nice = (unsigned)s->nice_match > s->lookahead ? s->lookahead : (unsigned)s->nice_match;
    const unsigned links = search.best >= s->good_match ? s->max_chain_length >> 2 : s->max_chain_length;
    struct link first = {0, place};
    unsigned left = links, sought = 0;
    int mayGoOver = 1;

    for (;;) {
        /* Along the first chain: to its end, if there is no better one for what is the best now. */
        const unsigned stage = mayGoOver && sought != search.best && left > PATIENCE ? PATIENCE : left;
        unsigned rest = stage, found = walk(&search, &first, &rest);
        left -= stage - rest;
        if (found) {
            search.best = found;
            s->match_start = first.at;
            if (found >= nice) break;
            first.at = search.prev[first.at & search.mask];
            left--;
        }
        if (first.at <= limit || left == 0) break;
        if (!mayGoOver || search.best < 3 || sought == search.best) continue;

        /* Along others; they can be longer, too, and so the first has to do again after twice what is left of it. */
        struct link link = first;
        unsigned from = 0, budget = 2 * left;
        do {
            if (!goOver(s, &search, &link, &from)) goto done;
            if (link.offset == 0) break;
            found = walk(&search, &link, &budget);
            if (found) {
                const IPos match = link.at - link.offset;
                /* Upstream would come to it as the first chain's link of this number, the nearest being 1. */
                const unsigned short number = now.ordinals[start & search.mask] - now.ordinals[match & search.mask];
                if (number > links) goto done;
                search.best = found;
                s->match_start = match;
                if (found >= nice) goto done;
                link.at = search.prev[link.at & search.mask];
                budget--;
            }
            if (link.at <= limit + link.offset) goto done;
        } while (found && budget != 0);
        if (link.offset) mayGoOver = 0;
        sought = search.best;
    }
done:
    return search.best <= s->lookahead ? search.best : s->lookahead;
}
