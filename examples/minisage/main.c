/* SPDX-License-Identifier: Apache-2.0
 *
 * minisage: a semi-analytic galaxy model in miniature, to try a heap profiler
 * on.  The flow and the use of memory are those of the codes that it stands
 * for; the physics is not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "options.h"
#include "sage.h"

int main(int argc, char** argv) {
  /* Else the C library allocates a buffer that no account knows of. */
  static char output_buffer[BUFSIZ];
  setvbuf(stdout, output_buffer, _IOLBF, sizeof(output_buffer));

  const struct options options = parse_options(argc, argv);
  struct run run = {.parameters = read_parameters(options.parameter_file),
                    .defects = options.defects,
                    .account_path = options.account_path};
  run.snapshots = load_snapshots(&run.parameters);

  const struct run_totals totals = run_sage(&run);
  printf("%" PRId64 " forests, %" PRId64 " halos, %" PRId64 " galaxies\n",
         totals.forests, totals.halos, totals.galaxies);

  free_snapshots(&run.snapshots);
  if (run.account_path != NULL) write_account(run.account_path);
  return EXIT_SUCCESS;
}
