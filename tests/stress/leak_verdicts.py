# SPDX-License-Identifier: Apache-2.0
"""Where LeakSanitizer and valgrind say something else of a case than what is
true of it (leak_truth.py), and the reason.

LSAN: (direct, indirect); VALGRIND: (definitely, indirectly, possibly lost).
"""

RING = "LeakSanitizer: of a ring every block is lost by another"
LSAN_RINGS = {
    "indirect_ring_of_two": (0, 2),
    "indirect_ring_of_ten": (0, 10),
    "indirect_ring_with_tail": (0, 5),
    "indirect_two_rings": (0, 4),
    "indirect_both_ways": (0, 10),
    "indirect_map": (0, 21),
    "indirect_hash_map": (0, 22),
    "indirect_shared_ring": (0, 2),
}

MAPPED = "LeakSanitizer does not look into memory that the program has mapped"
LSAN_MAPPED = {
    "held_mapped_pool": (1, 0),
    "held_sealed_pool": (1, 0),
    "held_shared_pool": (1, 0),
}

LSAN = {**LSAN_RINGS, **LSAN_MAPPED}
VALGRIND = {}
REASONS = {
    **{case: RING for case in LSAN_RINGS},
    **{case: MAPPED for case in LSAN_MAPPED},
}
