# SPDX-License-Identifier: Apache-2.0
"""Where LeakSanitizer and valgrind say something else of a case than what is
true of it (leak_truth.py), and the reason.

LSAN: (direct, indirect); VALGRIND: (definitely, indirectly, possibly lost).
"""

LSAN, VALGRIND, REASONS = {}, {}, {}


def differ(verdicts, reason, cases):
  verdicts.update(cases)
  for case in cases:
    REASONS[case] = f"{REASONS[case]}; {reason}" if case in REASONS else reason


differ(LSAN, "lsan: in a ring every block is lost by another", {
    "indirect_ring_of_two": (0, 2),
    "indirect_ring_of_ten": (0, 10),
    "indirect_ring_with_tail": (0, 5),
    "indirect_two_rings": (0, 4),
    "indirect_both_ways": (0, 10),
    "indirect_map": (0, 21),
    "indirect_hash_map": (0, 22),
    "indirect_shared_ring": (0, 2),
})
differ(LSAN, "lsan: false alarm, does not look into pages that the program "
       "mapped", {
           "held_mapped_pool": (1, 0),
           "held_sealed_pool": (1, 0),
           "held_shared_pool": (1, 0),
       })
differ(VALGRIND, "valgrind: false alarm, looks into nothing that is read-only",
       {"held_sealed_pool": (1, 0, 0)})
differ(VALGRIND, "valgrind: held by its middle is possibly lost", {
    "held_interior": (0, 0, 1),
    "held_last_byte": (0, 0, 1),
    "held_tagged": (0, 0, 1),
})
differ(VALGRIND, "valgrind: so is the C library's vector of each thread", {
    "clean_threads": (0, 0, 1),
    "lost_thread": (1, 0, 1),
    "lost_thread_key": (1, 0, 1),
    "lost_thread_stack": (1, 0, 1),
    "lost_exit_in_thread": (1, 0, 1),
    "held_by_thread_variable": (0, 0, 1),
    "held_by_thread_stack": (0, 0, 1),
    "held_by_thread_key": (0, 0, 1),
    "held_by_thread_register": (0, 0, 1),
    "held_by_deaf_thread": (0, 0, 1),
    "held_by_signal_thread": (0, 0, 1),
    "held_by_running_thread": (0, 0, 1),
    "held_by_many_threads": (0, 0, 20),
})
# Which of these it says hangs on where things lie; the first is taken as said.
VARYING = {"lost_dlclose": ((1, 0, 0), (1, 0, 1))}
REASONS["lost_dlclose"] = ("valgrind: at times possibly lost: a table of the "
                           "loader")
differ(VALGRIND, "valgrind: missed, it looks at the stack that the C library "
       "keeps for the next thread (and possibly lost is the thread's vector)", {
           "lost_thread_result": (0, 0, 1),
           "lost_thread_variable": (0, 0, 1),
       })
