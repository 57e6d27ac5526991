/* SPDX-License-Identifier: Apache-2.0
 *
 * A merger-tree file in the LHaloTree binary format, as minisage reads it and
 * make_trees writes it.  Little endian:
 *
 *   int32  number of forests
 *   int32  number of halos in the file
 *   int32  halos of each forest
 *   struct halo_data[]  forest after forest
 *
 * Links are indices within the forest, -1 for none.  Time runs downwards; a
 * forest with two mergers:
 *
 *   snapshot 61     2   4     2 and 4 have the Descendant 1, which names 2 as
 *                    \ /      FirstProgenitor; 2 names 4 as NextProgenitor
 *   snapshot 62       1   3   one FOF group: both name 1 as FirstHaloInFOF-
 *                      \ /    group; 1 names 3 as NextHaloInFOFgroup
 *   snapshot 63         0
 *
 * Plain C that C++ reads too.  The member names are the format's.
 */
#ifndef LHALO_TREE_H
#define LHALO_TREE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct halo_data {
  int32_t Descendant;
  int32_t FirstProgenitor;
  int32_t NextProgenitor;
  int32_t FirstHaloInFOFgroup;
  int32_t NextHaloInFOFgroup;
  int32_t Len;     /* particles */
  float M_Mean200; /* masses in 1e10 Msun/h */
  float Mvir;      /* of centres of FOF groups, else 0 */
  float M_TopHat;
  float Pos[3]; /* comoving Mpc/h */
  float Vel[3]; /* km/s */
  float VelDisp;
  float Vmax;
  float Spin[3];
  int64_t MostBoundID;
  int32_t SnapNum;
  int32_t FileNr;
  int32_t SubhaloIndex;
  float SubHalfMass;
};

static_assert(sizeof(struct halo_data) == 104, "no padding in the file format");
static_assert(offsetof(struct halo_data, MostBoundID) == 80,
              "naturally aligned");

#endif
