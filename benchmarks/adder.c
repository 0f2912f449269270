// What bit-sliced carry-save addition of label sets reaches in native code: reads variants' carriers, adds their rows of label
// sets up in bit planes, and does nothing else. adder PEOPLE CASES SETS VARIANTS; prints variant-sets a second of processor time.
// Carriers are drawn as in spectrum.js: k copies with probability in proportion to 1/k, of the rarer allele.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { lanes = 64, planes = 16, kept = 4096 };
typedef uint64_t vector __attribute__((vector_size(lanes)));

static uint32_t state = 1;
static uint32_t draw(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (uint32_t)(((uint64_t)state * below) >> 32);
}

static inline vector carry(vector a, vector b, vector c, vector ab) { return (a & b) | (ab & c); }

int main(int argc, char **argv) {
  if (argc != 5) return 1;
  int people = atoi(argv[1]), cases = atoi(argv[2]), sets = atoi(argv[3]);
  long variants = atol(argv[4]);
  int blocks = (sets + 8 * lanes - 1) / (8 * lanes);
  vector *masks = aligned_alloc(lanes, (size_t)blocks * (people + 1) * lanes);
  memset(masks, 0, (size_t)blocks * (people + 1) * lanes);
  for (int r = 0; r < sets; r++)
    for (int left = cases; left > 0;) {
      vector *row = masks + (size_t)(r / (8 * lanes)) * (people + 1) + draw(people);
      uint8_t *byte = (uint8_t *)row + (r % (8 * lanes)) / 8;
      if (*byte >> (r & 7) & 1) continue;
      *byte |= 1 << (r & 7);
      left--;
    }
  // Lists of people with one copy, filled up to a multiple of 8 with an empty row; those with two stand in them twice.
  double total = 0;
  for (int k = 1; k < 2 * people; k++) total += 1.0 / k;
  int *lists = malloc(sizeof(int) * kept * (2 * people + 8)), *lengths = malloc(sizeof(int) * kept);
  for (int v = 0; v < kept; v++) {
    double aim = draw(1u << 31) / 2147483648.0 * total;
    int k = 1;
    for (double sum = 1; sum < aim && k < 2 * people - 1; sum += 1.0 / ++k) {}
    if (k > people) k = 2 * people - k;
    int *list = lists + (size_t)v * (2 * people + 8);
    for (int i = 0; i < k; i++) list[i] = draw(people);
    for (; k % 8; k++) list[k] = people;
    lengths[v] = k;
  }
  vector sums[planes], all = {0};
  clock_t before = clock();
  for (long v = 0; v < variants; v++) {
    int *list = lists + (size_t)(v % kept) * (2 * people + 8), length = lengths[v % kept];
    int bits = 3;
    while (length >> bits) bits++;
    for (int b = 0; b < blocks; b++) {
      vector *row = masks + (size_t)b * (people + 1);
      vector ones = {0}, twos = {0}, fours = {0};
      for (int j = 3; j < bits; j++) sums[j] = (vector){0};
      for (int i = 0; i < length; i += 8) {
        vector two[4], four[2];
        for (int q = 0; q < 4; q++) {
          vector x = row[list[i + 2 * q]], y = row[list[i + 2 * q + 1]], xy = x ^ y;
          two[q] = carry(x, y, ones, xy);
          ones ^= xy;
        }
        for (int q = 0; q < 2; q++) {
          vector xy = two[2 * q] ^ two[2 * q + 1];
          four[q] = carry(two[2 * q], two[2 * q + 1], twos, xy);
          twos ^= xy;
        }
        vector xy = four[0] ^ four[1], up = carry(four[0], four[1], fours, xy);
        fours ^= xy;
        for (int j = 3; j < bits; j++) {
          vector held = sums[j];
          sums[j] = held ^ up;
          up &= held;
        }
      }
      all ^= ones ^ twos ^ fours;
      for (int j = 3; j < bits; j++) all ^= sums[j];
    }
  }
  double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  uint64_t check = 0;
  for (unsigned i = 0; i < lanes / 8; i++) check ^= all[i];
  fprintf(stderr, "%llu\n", (unsigned long long)check);
  printf("%g\n", (double)sets * (double)variants / seconds);
  return 0;
}
