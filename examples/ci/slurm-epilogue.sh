#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks the traces of all ranks of a Slurm job when they have ended: the last
# line of a job script, or its own job with --dependency=afterany.  The ranks
# are recorded by
#
#   export SAGEMEM_LEAK_SCAN=1
#   srun sagemem-run --quiet --no-report \
#     -o "$SAGEMEM_TRACES/run.$SLURM_JOB_ID.%r.smt" ./sage run.par
#
# Usage: slurm-epilogue.sh [RANKS]; SLURM_NTASKS unless given, which a job of
# its own does not have.
#
# Exit status: that of sagemem-report check; 3 when a rank has no trace, because
# it has not been checked then.  Processes that ranks have started do not count.
set -u

: "${SLURM_JOB_ID:?not in a Slurm job}"
directory=${SAGEMEM_TRACES:-${SLURM_SUBMIT_DIR:-.}}
rules=${SAGEMEM_RULES:-sagemem.toml}
verdict=$directory/run.$SLURM_JOB_ID.verdict.txt

ranks=${1:-${SLURM_NTASKS:-1}}
rank=0
while [ "$rank" -lt "$ranks" ]; do
  if [ ! -e "$directory/run.$SLURM_JOB_ID.$rank.smt" ]; then
    echo "no trace of rank $rank of job $SLURM_JOB_ID in $directory" >&2
    exit 3
  fi
  rank=$((rank + 1))
done
set -- "$directory/run.$SLURM_JOB_ID".*.smt

sagemem-report check --rules "$rules" "$@" > "$verdict"
status=$?
cat "$verdict"

# For squeue and sacct, where that is allowed; it changes no exit status.
if [ $status -ne 0 ] && command -v scontrol > /dev/null; then
  scontrol update JobId="$SLURM_JOB_ID" \
    Comment="memory: exit status $status, see $verdict" || true
fi
exit $status
