/* SPDX-License-Identifier: Apache-2.0 */
#include "physics.h"

void form_stars(const struct parameters* parameters, struct galaxy* galaxy,
                double dynamical_time, double dt) {
  double formed =
      parameters->sfr_efficiency * galaxy->cold_gas * dt / dynamical_time;
  double reheated = parameters->feedback_reheating_epsilon * formed;
  if (formed + reheated > galaxy->cold_gas) {
    const double scale = galaxy->cold_gas / (formed + reheated);
    formed *= scale;
    reheated *= scale;
  }
  const double locked_up = (1 - parameters->recycle_fraction) * formed;
  galaxy->cold_gas -= locked_up + reheated;
  galaxy->hot_gas += reheated;
  galaxy->stellar_mass += locked_up;
  galaxy->star_formation_rate = dt > 0 ? formed / dt : 0;
}
