/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { WRONG_ARGUMENTS = 2 };

static const char usage[] =
    "usage: minisage PARAMETER_FILE [options]\n"
    "\n"
    "A small semi-analytic galaxy model on merger trees, with defects to "
    "order.\n"
    "Forests are numbered from 0 over all tree files.\n"
    "\n"
    "  --account FILE      write the program's own allocation books; - is "
    "stdout\n"
    "  --leak N[,N...]     leave these forests without freeing their arrays\n"
    "  --leak-every N      the same for forests 0, N, 2N...\n"
    "  --growth N          start galaxy arrays with N galaxies, grow them by "
    "N\n"
    "  --temporary N       allocate and free N scratch blocks for each halo\n"
    "  --huge N[,FACTOR]   reserve FACTOR (100) times the galaxies for forest "
    "N\n"
    "  --abort-at N        abort() in the middle of forest N\n"
    "  --help              print this\n";

static _Noreturn void reject(const char* option, const char* value) {
  fprintf(stderr, "minisage: --%s: not a usable value: %s\n%s", option, value,
          usage);
  exit(WRONG_ARGUMENTS);
}

/* A number of at least `least`, followed by the end or by a comma; *text is
 * moved past both. */
static int32_t parse_number(const char* option, const char** text, long least) {
  char* end;
  const long value = strtol(*text, &end, 10);
  if (end == *text || value < least || value > INT32_MAX) reject(option, *text);
  if (*end == ',' && end[1] != '\0')
    end++;
  else if (*end != '\0')
    reject(option, *text);
  *text = end;
  return (int32_t)value;
}

static int32_t parse_only_number(const char* option, const char* text,
                                 long least) {
  const char* rest = text;
  const int32_t value = parse_number(option, &rest, least);
  if (*rest != '\0') reject(option, text);
  return value;
}

static void parse_leaks(struct defects* defects, const char* text) {
  const char* rest = text;
  while (*rest != '\0') {
    if (defects->nleaks == MAX_LEAKS) reject("leak", text);
    defects->leaks[defects->nleaks++] = parse_number("leak", &rest, 0);
  }
}

static void parse_huge(struct defects* defects, const char* text) {
  const char* rest = text;
  defects->huge_forest = parse_number("huge", &rest, 0);
  defects->huge_factor =
      *rest == '\0' ? 100 : parse_only_number("huge", rest, 1);
}

static void parse_option(struct options* options, int option) {
  struct defects* defects = &options->defects;
  switch (option) {
    case 'a':
      options->account_path = optarg;
      break;
    case 'l':
      parse_leaks(defects, optarg);
      break;
    case 'e':
      defects->leak_every = parse_only_number("leak-every", optarg, 1);
      break;
    case 'g':
      defects->growth = parse_only_number("growth", optarg, 1);
      break;
    case 't':
      defects->temporary = parse_only_number("temporary", optarg, 0);
      break;
    case 'u':
      parse_huge(defects, optarg);
      break;
    case 'b':
      defects->abort_at = parse_only_number("abort-at", optarg, 0);
      break;
    case 'h':
      fputs(usage, stdout);
      exit(EXIT_SUCCESS);
    default:
      fputs(usage, stderr);
      exit(WRONG_ARGUMENTS);
  }
}

struct options parse_options(int argc, char** argv) {
  static const struct option known[] = {
      {"account", required_argument, NULL, 'a'},
      {"leak", required_argument, NULL, 'l'},
      {"leak-every", required_argument, NULL, 'e'},
      {"growth", required_argument, NULL, 'g'},
      {"temporary", required_argument, NULL, 't'},
      {"huge", required_argument, NULL, 'u'},
      {"abort-at", required_argument, NULL, 'b'},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0},
  };
  struct options options = {.defects = kNoDefects};
  int option;
  while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
    parse_option(&options, option);
  if (optind != argc - 1) {
    fputs(usage, stderr);
    exit(WRONG_ARGUMENTS);
  }
  options.parameter_file = argv[optind];
  return options;
}
