// SPDX-License-Identifier: Apache-2.0
//
// The file format of speedscope, www.speedscope.app/file-format-schema.json:
// one table of frames, and a profile for each kind of number, the one asked for
// shown first.  Nothing in a JSON text needs escaping by hand.
#include <unordered_map>

#include "exports/exporter.h"
#include "report/json.h"

namespace sagemem::exports {
namespace {

using report::Json;
using symbolize::Location;

class Frames {
 public:
  std::size_t number_of(const Location& place) {
    const auto [at, is_new] = numbers_.try_emplace(&place, frames_.size());
    if (is_new) {
      Json frame;
      frame["name"] = clean(place.name());
      if (!place.file.empty()) frame["file"] = clean(place.file);
      if (place.line != 0) frame["line"] = place.line;
      frames_.push_back(std::move(frame));
    }
    return at->second;
  }
  [[nodiscard]] Json take() && { return std::move(frames_); }

 private:
  std::unordered_map<const Location*, std::size_t> numbers_;
  Json frames_ = Json::array();
};

Json make_profile(const std::vector<Sample>& samples, const ValueKind& kind,
                  Frames& frames) {
  Json stacks = Json::array();
  Json weights = Json::array();
  std::uint64_t sum = 0;
  for (const Sample& sample : samples) {
    const std::uint64_t weight = value_of(sample.use, kind.value);
    if (weight == 0) continue;
    Json stack = Json::array();
    for (const Location* place : sample.path)
      stack.push_back(frames.number_of(*place));
    stacks.push_back(std::move(stack));
    weights.push_back(weight);
    sum += weight;
  }
  Json profile;
  profile["type"] = "sampled";
  profile["name"] = std::string(kind.name) + ": " + kind.meaning;
  profile["unit"] = std::string_view(kind.unit) == "bytes" ? "bytes" : "none";
  profile["startValue"] = 0;
  profile["endValue"] = sum;
  profile["samples"] = std::move(stacks);
  profile["weights"] = std::move(weights);
  return profile;
}

}  // namespace

void write_speedscope(report::Output& out, const report::Subject& subject,
                      const ExportOptions& options) {
  const std::vector<Sample> samples = find_samples(subject);
  Frames frames;
  Json profiles = Json::array();
  for (const ValueKind& kind : value_kinds())
    profiles.push_back(make_profile(samples, kind, frames));
  Json json;
  json["$schema"] = "https://www.speedscope.app/file-format-schema.json";
  json["exporter"] = "sagemem";
  json["name"] = command_line(subject.profile);
  json["activeProfileIndex"] = static_cast<std::size_t>(options.value);
  json["shared"]["frames"] = std::move(frames).take();
  json["profiles"] = std::move(profiles);
  out.write(report::to_line(json) + "\n");
}

}  // namespace sagemem::exports
