/* SPDX-License-Identifier: Apache-2.0
 *
 * The parameter file: lines of a name and a value, comments from % or #.  The
 * names are those that users of SAGE know.  The snapshots to write follow on a
 * line of their own after NumOutputs:
 *
 *   NumOutputs   3
 *   -> 63 37 32
 */
#ifndef MINISAGE_PARAMETERS_H
#define MINISAGE_PARAMETERS_H

enum { MAX_SNAPSHOTS = 256, MAX_TEXT = 512 };

struct parameters {
  char output_dir[MAX_TEXT];
  char file_name_galaxies[MAX_TEXT];
  char simulation_dir[MAX_TEXT];
  char tree_name[MAX_TEXT];
  char file_with_snap_list[MAX_TEXT];
  int first_file;
  int last_file;
  int last_snapshot;
  int num_outputs; /* -1 in the file: every snapshot */
  int output_snapshots[MAX_SNAPSHOTS];
  double part_mass; /* 1e10 Msun/h */
  double omega;
  double omega_lambda;
  double baryon_fraction;
  double sfr_efficiency;
  double feedback_reheating_epsilon;
  double recycle_fraction;
  double thresh_major_merger;
};

/* Prints what is wrong and ends the program when the file cannot be used. */
struct parameters read_parameters(const char* path);

#endif
