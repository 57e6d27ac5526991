// SPDX-License-Identifier: Apache-2.0
//
// Allocations that the C library makes on a program's behalf: stdio buffers,
// getline, strdup, asprintf, qsort of a large array, fopen and setlocale.
#include <locale.h>
#include <string.h>

#include "support.h"

enum { kNumbers = 20000 };

static int by_value(const void* a, const void* b) {
  const int left = *(const int*)a;
  const int right = *(const int*)b;
  return (left > right) - (left < right);
}

static void read_lines(void) {
  FILE* file = tmpfile();
  REQUIRE(file != NULL);
  for (int i = 0; i < 1000; ++i) fprintf(file, "line %*d\n", i % 300, i);
  rewind(file);
  char* line = NULL;
  size_t capacity = 0;
  size_t total = 0;
  while (getline(&line, &capacity, file) > 0) {
    char* copy = strdup(line);
    total += strlen(copy);
    free(keep(copy));
  }
  free(line);
  fclose(file);
  printf("%zu characters\n", total);
}

static void sort_numbers(void) {
  int* numbers = calloc(kNumbers, sizeof *numbers);
  REQUIRE(numbers != NULL);
  unsigned state = 1;
  for (int i = 0; i < kNumbers; ++i) numbers[i] = (int)next_random(&state);
  qsort(numbers, kNumbers, sizeof *numbers, by_value);
  printf("median %d\n", numbers[kNumbers / 2]);
  free(numbers);
}

int main(void) {
  setlocale(LC_ALL, "C");
  read_lines();
  sort_numbers();
  char* text = NULL;
  REQUIRE(asprintf(&text, "%300d", 7) == 300);
  puts(text);
  free(text);
  return 0;
}
