# SPDX-License-Identifier: Apache-2.0
"""Libraries that are loaded and unloaded again and again, often at the same
address: every call of theirs is seen, from the first one on, and the places of
those that are gone are used again."""
import collections

from harness import check, events, record, target, unharmed

ROUNDS = 300  # more than there are places
run = unharmed(target("plugin_host"), str(ROUNDS),
               mask=lambda text: text.split("shared")[0],
               env={"SAGEMEM_SCOPES": "entry = plugin_entry (bytes = arg1);"
                                      "rows = plugin_allocate_rows"})
calls = collections.Counter()
values = collections.Counter()
for event in events(run.trace):
  if event["kind"] in ("scope_begin", "scope_end"):
    calls[event["kind"], event["rule"]] += 1
    values.update(event["values"])
check("calls", calls, {("scope_begin", 0): 20 * ROUNDS,
                       ("scope_end", 0): 20 * ROUNDS,
                       ("scope_begin", 1): 10 * ROUNDS,
                       ("scope_end", 1): 10 * ROUNDS})
check("arguments", values, {100 + i: 2 * ROUNDS for i in range(10)})

# A library that is not there is no reason to say anything but in the trace.
run = record(target("plugin_host"), env={"SAGEMEM_SCOPES": "a = no_such_one"})
check("what is said", run.stderr, "")
