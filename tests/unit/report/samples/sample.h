// SPDX-License-Identifier: Apache-2.0
//
// Entry points of the sample library; see sample.cpp.
#pragma once

extern "C" {

using sample_callback = void (*)();

enum { kSampleLines = 6 };
// Lines of: the call of middle, of innermost, of the callback in innermost, in
// hidden, in area and in the lambda.
extern int sample_lines[kSampleLines];

void sample_inlined(sample_callback call);
void sample_hidden(sample_callback call);
void sample_member(sample_callback call);
void sample_lambda(sample_callback call);
}
