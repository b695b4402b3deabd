/* The part of <stdlib.h> that zstd's compressor names. Nothing is allocated: the context lies in memory that the caller gives. */
#pragma once
#include <stddef.h>
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *pointer);
