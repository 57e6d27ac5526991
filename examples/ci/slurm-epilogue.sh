#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks the traces of all ranks of a Slurm job when they have ended: the last
# line of a job script, or its own job with --dependency=afterany.  The ranks
# are recorded by
#
#   srun sagemem-run --quiet --no-report \
#     -o "$SAGEMEM_TRACES/run.$SLURM_JOB_ID.%r.smt" ./sage run.par
#
# Exit status: that of sagemem-report check; 3 when there is no trace, or fewer
# than the job had tasks, because a rank that left none has not been checked.
set -u

: "${SLURM_JOB_ID:?not in a Slurm job}"
directory=${SAGEMEM_TRACES:-${SLURM_SUBMIT_DIR:-.}}
rules=${SAGEMEM_RULES:-sagemem.toml}
verdict=$directory/run.$SLURM_JOB_ID.verdict.txt

set -- "$directory/run.$SLURM_JOB_ID".*.smt
if [ ! -e "$1" ]; then
  echo "no trace of job $SLURM_JOB_ID in $directory" >&2
  exit 3
fi
if [ $# -lt "${SLURM_NTASKS:-1}" ]; then
  echo "$# traces of $SLURM_NTASKS ranks in $directory" >&2
  exit 3
fi

sagemem-report check --rules "$rules" "$@" > "$verdict"
status=$?
cat "$verdict"

# For squeue and sacct, where that is allowed; it changes no exit status.
if [ $status -ne 0 ] && command -v scontrol > /dev/null; then
  scontrol update JobId="$SLURM_JOB_ID" \
    Comment="memory: exit status $status, see $verdict" || true
fi
exit $status
