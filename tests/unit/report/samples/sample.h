// SPDX-License-Identifier: Apache-2.0
//
// Entry points of the sample library; see sample.cpp.
#pragma once

extern "C" {

using SampleCallback = void (*)();

enum { kSampleLines = 6 };
// Lines of: the call of middle, of innermost, of the callback in innermost, in
// hidden, in area and in the lambda.
extern int g_sample_lines[kSampleLines];

void sample_inlined(SampleCallback call);
void sample_hidden(SampleCallback call);
void sample_member(SampleCallback call);
void sample_lambda(SampleCallback call);
}
