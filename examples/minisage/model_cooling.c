/* SPDX-License-Identifier: Apache-2.0 */
#include "physics.h"

void cool_gas(struct galaxy* galaxy, double dynamical_time, double dt) {
  double cooled = galaxy->hot_gas * dt / dynamical_time;
  if (cooled > galaxy->hot_gas) cooled = galaxy->hot_gas;
  galaxy->hot_gas -= cooled;
  galaxy->cold_gas += cooled;
}
