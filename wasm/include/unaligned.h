/* Words at any address. */
#pragma once
#include <stdint.h>
static inline uint32_t read32(const uint8_t *at) { uint32_t word; __builtin_memcpy(&word, at, 4); return word; }
static inline uint64_t read64(const uint8_t *at) { uint64_t word; __builtin_memcpy(&word, at, 8); return word; }
