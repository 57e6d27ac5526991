/* SPDX-License-Identifier: Apache-2.0 */
#include "parameters.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

enum kind { TEXT, INTEGER, REAL };

struct entry {
  const char* name;
  enum kind kind;
  size_t offset;
};

#define ENTRY(name, kind, member) \
  { name, kind, offsetof(struct parameters, member) }
static const struct entry entries[] = {
    ENTRY("OutputDir", TEXT, output_dir),
    ENTRY("FileNameGalaxies", TEXT, file_name_galaxies),
    ENTRY("SimulationDir", TEXT, simulation_dir),
    ENTRY("TreeName", TEXT, tree_name),
    ENTRY("FileWithSnapList", TEXT, file_with_snap_list),
    ENTRY("FirstFile", INTEGER, first_file),
    ENTRY("LastFile", INTEGER, last_file),
    ENTRY("LastSnapshotNr", INTEGER, last_snapshot),
    ENTRY("NumOutputs", INTEGER, num_outputs),
    ENTRY("PartMass", REAL, part_mass),
    ENTRY("Omega", REAL, omega),
    ENTRY("OmegaLambda", REAL, omega_lambda),
    ENTRY("BaryonFrac", REAL, baryon_fraction),
    ENTRY("SfrEfficiency", REAL, sfr_efficiency),
    ENTRY("FeedbackReheatingEpsilon", REAL, feedback_reheating_epsilon),
    ENTRY("RecycleFraction", REAL, recycle_fraction),
    ENTRY("ThreshMajorMerger", REAL, thresh_major_merger),
};
enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

static _Noreturn void die(const char* path, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "minisage: %s: ", path);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(EXIT_FAILURE);
}

/* Splits off the next word of the line; NULL: no more. */
static char* next_word(char** line) {
  char* word = *line + strspn(*line, " \t\r\n");
  if (*word == '\0') return NULL;
  char* end = word + strcspn(word, " \t\r\n");
  *line = *end == '\0' ? end : end + 1;
  *end = '\0';
  return word;
}

static int parse_integer(const char* path, const char* name, const char* word) {
  char* end;
  const long value = strtol(word, &end, 10);
  if (*end != '\0' || value < -1 || value > 1000000)
    die(path, "%s: not a usable number: %s", name, word);
  return (int)value;
}

static void set(struct parameters* parameters, const struct entry* entry,
                const char* path, const char* word) {
  char* member = (char*)parameters + entry->offset;
  char* end;
  switch (entry->kind) {
    case TEXT:
      if (strlen(word) >= MAX_TEXT) die(path, "%s: too long", entry->name);
      memcpy(member, word, strlen(word) + 1);
      break;
    case INTEGER:
      *(int*)(void*)member = parse_integer(path, entry->name, word);
      break;
    case REAL:
      *(double*)(void*)member = strtod(word, &end);
      if (*end != '\0') die(path, "%s: not a number: %s", entry->name, word);
      break;
  }
}

static const struct entry* find(const char* path, const char* name) {
  for (int i = 0; i < ENTRIES; i++)
    if (strcmp(entries[i].name, name) == 0) return &entries[i];
  die(path, "unknown parameter %s", name);
}

/* The line behind "->"; returns how many snapshots it named. */
static int read_output_snapshots(struct parameters* parameters,
                                 const char* path, char* line) {
  int count = 0;
  for (char* word; (word = next_word(&line)) != NULL; count++) {
    if (count == MAX_SNAPSHOTS) die(path, "too many output snapshots");
    parameters->output_snapshots[count] = parse_integer(path, "->", word);
  }
  return count;
}

static void check(struct parameters* parameters, const char* path,
                  const bool* seen, int listed) {
  for (int i = 0; i < ENTRIES; i++)
    if (!seen[i]) die(path, "%s is missing", entries[i].name);
  if (parameters->last_snapshot < 1 ||
      parameters->last_snapshot >= MAX_SNAPSHOTS)
    die(path, "LastSnapshotNr must lie within 1 and %d", MAX_SNAPSHOTS - 1);
  if (parameters->first_file < 0 ||
      parameters->first_file > parameters->last_file)
    die(path, "no files from FirstFile to LastFile");
  if (parameters->num_outputs == -1) {
    parameters->num_outputs = parameters->last_snapshot + 1;
    for (int i = 0; i <= parameters->last_snapshot; i++)
      parameters->output_snapshots[i] = parameters->last_snapshot - i;
  } else if (parameters->num_outputs != listed) {
    die(path, "NumOutputs is %d, but -> lists %d", parameters->num_outputs,
        listed);
  }
  for (int i = 0; i < parameters->num_outputs; i++)
    if (parameters->output_snapshots[i] < 0 ||
        parameters->output_snapshots[i] > parameters->last_snapshot)
      die(path, "no snapshot %d", parameters->output_snapshots[i]);
}

struct parameters read_parameters(const char* path) {
  struct parameters parameters = {0};
  bool seen[ENTRIES] = {false};
  int listed = 0;
  char text[2 * MAX_TEXT];
  struct stream stream = open_stream(path, "r");
  while (fgets(text, sizeof(text), stream.file) != NULL) {
    text[strcspn(text, "%#")] = '\0';
    char* line = text;
    const char* name = next_word(&line);
    if (name == NULL) continue;
    if (strcmp(name, "->") == 0) {
      listed = read_output_snapshots(&parameters, path, line);
      continue;
    }
    const struct entry* entry = find(path, name);
    const char* word = next_word(&line);
    if (word == NULL) die(path, "%s has no value", name);
    set(&parameters, entry, path, word);
    seen[entry - entries] = true;
  }
  close_stream(&stream);
  check(&parameters, path, seen, listed);
  return parameters;
}
