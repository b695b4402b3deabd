/* A stream, with all that its going on depends on: a copy of it can be gone back to. */
#pragma once
#include "zlib.h"
#include <string.h>

/* A state of 32 KiB windows and memLevel 8 takes 268 KiB and its own few. */
#define STATE_BYTES 294912

struct state {
    z_stream stream;
    size_t used;
    unsigned char bytes[STATE_BYTES];
    /*
     * The how-manieth string of its hash chain each string of the window is, modulo 65,536. Two strings of one chain are in the window together, so
     * that the difference tells how far from each other they lie in the chain.
     */
    unsigned short ordinals[1 << MAX_WBITS];
};

/* The stream that is compressed. */
extern struct state now;
