/*
 * zstd's compressor as a WebAssembly module: the upstream library, and these few functions around one context, which lies in memory that
 * the caller lays out (ZSTD_initStaticCCtx). Nothing is imported, nothing allocated.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include "zstd.h"
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

extern unsigned char __heap_base;
static ZSTD_CCtx *context;
static ZSTD_inBuffer input;
static ZSTD_outBuffer output;

/* With bulk memory these become single instructions. */
void *memcpy(void *to, const void *from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memmove(void *to, const void *from, size_t size) { return __builtin_memmove(to, from, size); }
void *memset(void *to, int byte, size_t size) { return __builtin_memset(to, byte, size); }
int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *a = left, *b = right;
    for (; size > 0; size--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}
void *malloc(size_t size) { (void)size; return 0; }
void *calloc(size_t count, size_t size) { (void)count; (void)size; return 0; }
void free(void *pointer) { (void)pointer; }

/* Where free memory begins. */
EXPORT("heapBase") size_t heapBase(void) { return ((size_t)&__heap_base + 63) & ~(size_t)63; }
EXPORT("isError") unsigned isError(size_t code) { return ZSTD_isError(code); }
EXPORT("compressBound") size_t bound(size_t size) { return ZSTD_compressBound(size); }
/* How much memory a context takes that compresses at up to this level; and one that streams as well. */
EXPORT("contextSize") size_t contextSize(int level) { return ZSTD_estimateCCtxSize(level); }
EXPORT("streamSize") size_t streamSize(int level) { return ZSTD_estimateCStreamSize(level); }
/* Puts the context into memory, 8-byte aligned; 0 where it is too small. */
EXPORT("place") unsigned place(void *memory, size_t size) {
    context = ZSTD_initStaticCCtx(memory, size);
    return context != 0;
}
/* ZSTD_compress. */
EXPORT("compress") size_t compress(void *to, size_t capacity, const void *from, size_t size, int level) {
    return ZSTD_compressCCtx(context, to, capacity, from, size, level);
}
/* Begins a frame of `size` bytes, given in pieces. */
EXPORT("begin") size_t begin(int level, double size) {
    size_t code = ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(code)) code = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(code)) code = ZSTD_CCtx_setPledgedSrcSize(context, (unsigned long long)size);
    return code;
}
EXPORT("setInput") void setInput(const void *from, size_t size) { input = (ZSTD_inBuffer){from, size, 0}; }
EXPORT("setOutput") void setOutput(void *to, size_t capacity) { output = (ZSTD_outBuffer){to, capacity, 0}; }
/* Goes on; with `last` the input is the frame's end. What is left to flush, or an error. */
EXPORT("step") size_t step(int last) {
    return ZSTD_compressStream2(context, &output, &input, last ? ZSTD_e_end : ZSTD_e_continue);
}
EXPORT("inputTaken") size_t inputTaken(void) { return input.pos; }
EXPORT("outputFilled") size_t outputFilled(void) { return output.pos; }
