/* SPDX-License-Identifier: Apache-2.0
 *
 * The program's own books as JSON: what a profiler must find, to the block.
 * README.md says how to compare.
 */
#ifndef MINISAGE_ACCOUNT_H
#define MINISAGE_ACCOUNT_H

/* Writes the books as they stand now, with every live block as leaked; "-" is
 * stdout.  Allocates nothing, so that writing them does not change them. */
void write_account(const char* path);

#endif
