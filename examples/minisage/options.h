/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line.
 */
#ifndef MINISAGE_OPTIONS_H
#define MINISAGE_OPTIONS_H

#include "defects.h"

struct options {
  const char* parameter_file;
  const char* account_path; /* NULL: not wanted */
  struct defects defects;
};

/* Ends the program for --help (0) and for wrong arguments (2). */
struct options parse_options(int argc, char** argv);

#endif
