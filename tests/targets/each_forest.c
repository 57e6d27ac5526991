// SPDX-License-Identifier: Apache-2.0
//
// Forests as a program has them that was optimised when it was linked: nothing
// is left of the functions that begin and end one, but a variable says which it
// is, and one function allocates.
//
// usage: each_forest FILES TREES
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

int TreeID;
int FileNum;
int* TreeNHalos;
int* TreeFirstHalo;

NOINLINE void* my_malloc(size_t size, int category);

void* my_malloc(size_t size, int category) {
  keep(&category);
  return keep(malloc(size));
}

static int halos_of(int file, int tree) {
  return 100 * (file + 1) + 10 * tree;
}

static void load_table(int file, int trees) {
  TreeNHalos = my_malloc(sizeof(int) * (size_t)trees, 3);
  TreeFirstHalo = my_malloc(sizeof(int) * (size_t)trees, 3);
  for (int i = 0; i < trees; ++i) TreeNHalos[i] = halos_of(file, i);
  for (int n = 0; n < 3; ++n) free(my_malloc(64, 1));
}

static void free_table(void) {
  free(TreeFirstHalo);
  free(TreeNHalos);
  TreeFirstHalo = NULL;
  TreeNHalos = NULL;
}

int main(int count, char** arguments) {
  REQUIRE(count == 3);
  const int files = atoi(arguments[1]);
  const int trees = atoi(arguments[2]);
  void* scale = my_malloc(400, 5);
  for (FileNum = 0; FileNum < files; ++FileNum) {
    load_table(FileNum, trees);
    for (int tree = 0; tree < trees; ++tree) {
      TreeID = tree;
      const size_t halos = (size_t)TreeNHalos[tree];
      char* halo = my_malloc(halos * 100, 3);
      char* galaxies = my_malloc(halos * 10, 1);
      galaxies = keep(realloc(galaxies, halos * 20));
      for (size_t i = 0; i < halos; i += 50) free(my_malloc(48, 1));
      free(galaxies);
      free(halo);
    }
    free_table();
  }
  free(scale);
  printf("forests=%d\n", files * trees);
  return 0;
}
