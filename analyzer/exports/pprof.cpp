// SPDX-License-Identifier: Apache-2.0
//
// The format of pprof (github.com/google/pprof, proto/profile.proto): gzipped
// protobuf, one sample for each stack with all its numbers and its category.
//
// Addresses are left out.  Everything has names already, and an address would
// make pprof look for binaries, and the file differ from run to run.
//
// Strings are numbers into a table, as everything else: nothing to escape.
#include <protozero/pbf_builder.hpp>
#include <unordered_map>

#include "exports/exporter.h"
#include "exports/gzip.h"

namespace sagemem::exports {
namespace {

using symbolize::Location;

enum class ProfileTag : protozero::pbf_tag_type {
  SampleType = 1,
  Sample = 2,
  Mapping = 3,
  Location = 4,
  Function = 5,
  StringTable = 6,
  TimeNanos = 9,
  DurationNanos = 10,
  Comment = 13,
  DefaultSampleType = 14
};
enum class ValueTypeTag : protozero::pbf_tag_type { Type = 1, Unit = 2 };
enum class SampleTag : protozero::pbf_tag_type {
  LocationId = 1,
  Value = 2,
  Label = 3
};
enum class LabelTag : protozero::pbf_tag_type { Key = 1, Text = 2 };
enum class MappingTag : protozero::pbf_tag_type {
  Id = 1,
  Filename = 5,
  BuildId = 6,
  HasFunctions = 7,
  HasFilenames = 8,
  HasLineNumbers = 9,
  HasInlineFrames = 10
};
enum class LocationTag : protozero::pbf_tag_type {
  Id = 1,
  MappingId = 2,
  Line = 4
};
enum class LineTag : protozero::pbf_tag_type { FunctionId = 1, Line = 2 };
enum class FunctionTag : protozero::pbf_tag_type {
  Id = 1,
  Name = 2,
  SystemName = 3,
  Filename = 4
};

struct SampleKind {
  const char* type;
  const char* unit;
  std::uint64_t model::StackUse::*count;
  Value value;  // that makes it the one that is shown first
};

constexpr SampleKind kSampleKinds[] = {
    {"peak", "bytes", &model::StackUse::peak_bytes, Value::Peak},
    {"peak_blocks", "count", &model::StackUse::peak_blocks, Value::Peak},
    {"leaked", "bytes", &model::StackUse::live_bytes, Value::Leaked},
    {"leaked_blocks", "count", &model::StackUse::live_blocks, Value::Leaked},
    {"allocated", "bytes", &model::StackUse::bytes_allocated, Value::Allocated},
    {"blocks", "count", &model::StackUse::allocations, Value::Blocks},
    {"temporary", "count", &model::StackUse::temporary, Value::Temporary},
};

std::string hex(const std::vector<std::uint8_t>& bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

class Writer {
 public:
  explicit Writer(const report::Subject& subject) : subject_(subject) {
    number_of("");  // string 0 by definition
  }

  std::string write(Value first) && {
    for (const SampleKind& kind : kSampleKinds) add_kind(kind);
    add_mappings();
    for (const Sample& sample : find_samples(subject_)) add_sample(sample);
    const model::Profile& profile = subject_.profile;
    out_.add_int64(ProfileTag::TimeNanos, profile.header.start_realtime_ns);
    out_.add_int64(ProfileTag::DurationNanos, profile.duration_ns);
    out_.add_int64(ProfileTag::Comment, number_of(command_line(profile)));
    for (const SampleKind& kind : kSampleKinds) {
      if (kind.value != first) continue;
      out_.add_int64(ProfileTag::DefaultSampleType, number_of(kind.type));
      break;
    }
    for (const std::string* text : strings_)
      out_.add_string(ProfileTag::StringTable, *text);
    return std::move(bytes_);
  }

 private:
  std::int64_t number_of(const std::string& text) {
    const auto [at, is_new] = string_numbers_.try_emplace(
        text, static_cast<std::int64_t>(strings_.size()));
    if (is_new) strings_.push_back(&at->first);
    return at->second;
  }

  void add_kind(const SampleKind& kind) {
    protozero::pbf_builder<ValueTypeTag> type(out_, ProfileTag::SampleType);
    type.add_int64(ValueTypeTag::Type, number_of(kind.type));
    type.add_int64(ValueTypeTag::Unit, number_of(kind.unit));
  }

  void add_mapping(const model::Module& module) {
    const auto [at, is_new] = mappings_.try_emplace(
        module.path, static_cast<std::uint64_t>(mappings_.size() + 1));
    if (!is_new) return;
    protozero::pbf_builder<MappingTag> mapping(out_, ProfileTag::Mapping);
    mapping.add_uint64(MappingTag::Id, at->second);
    mapping.add_int64(MappingTag::Filename, number_of(clean(module.path)));
    mapping.add_int64(MappingTag::BuildId, number_of(hex(module.build_id)));
    // Whatever is missing will not be found by looking again.
    mapping.add_bool(MappingTag::HasFunctions, true);
    mapping.add_bool(MappingTag::HasFilenames, true);
    mapping.add_bool(MappingTag::HasLineNumbers, true);
    mapping.add_bool(MappingTag::HasInlineFrames, true);
  }

  // The program first: that is what pprof takes the first one for.
  void add_mappings() {
    for (const bool executable : {true, false})
      for (const model::Module& module : subject_.profile.modules)
        if (module.is_executable == executable) add_mapping(module);
  }

  std::uint64_t function_of(const Location& place) {
    const std::int64_t name = number_of(clean(place.name()));
    const std::int64_t file = number_of(clean(place.file));
    const auto [at, is_new] = functions_.try_emplace(
        (static_cast<std::uint64_t>(name) << 32) |
            static_cast<std::uint64_t>(file),
        static_cast<std::uint64_t>(functions_.size() + 1));
    if (!is_new) return at->second;
    protozero::pbf_builder<FunctionTag> function(out_, ProfileTag::Function);
    function.add_uint64(FunctionTag::Id, at->second);
    function.add_int64(FunctionTag::Name, name);
    function.add_int64(FunctionTag::SystemName, name);
    function.add_int64(FunctionTag::Filename, file);
    return at->second;
  }

  // `places`: a machine frame and what is inlined in it, outermost first.
  std::uint64_t location_of(const Path& places) {
    const auto [at, is_new] = locations_.try_emplace(
        places, static_cast<std::uint64_t>(locations_.size() + 1));
    if (!is_new) return at->second;
    std::vector<std::uint64_t> functions;
    for (const Location* place : places)
      functions.push_back(function_of(*place));
    protozero::pbf_builder<LocationTag> location(out_, ProfileTag::Location);
    location.add_uint64(LocationTag::Id, at->second);
    const auto mapping = mappings_.find(places.front()->module);
    if (mapping != mappings_.end())
      location.add_uint64(LocationTag::MappingId, mapping->second);
    for (std::size_t i = places.size(); i-- > 0;) {
      protozero::pbf_builder<LineTag> line(location, LocationTag::Line);
      line.add_uint64(LineTag::FunctionId, functions[i]);
      line.add_int64(LineTag::Line, places[i]->line);
    }
    return at->second;
  }

  void add_sample(const Sample& sample) {
    std::vector<std::uint64_t> locations;
    for (std::size_t at = 0; at < sample.path.size();) {
      std::size_t end = at + 1;
      while (end < sample.path.size() && sample.path[end]->inlined) ++end;
      const auto begin = sample.path.begin();
      locations.push_back(
          location_of(Path(begin + static_cast<std::ptrdiff_t>(at),
                           begin + static_cast<std::ptrdiff_t>(end))));
      at = end;
    }
    std::vector<std::int64_t> values;
    for (const SampleKind& kind : kSampleKinds)
      values.push_back(static_cast<std::int64_t>(sample.use.*kind.count));
    const auto& categories = subject_.breakdown.table.categories;
    const std::int64_t key = number_of("category");
    const std::int64_t category =
        number_of(clean(categories[sample.category].name));
    protozero::pbf_builder<SampleTag> one(out_, ProfileTag::Sample);
    one.add_packed_uint64(SampleTag::LocationId, locations.rbegin(),
                          locations.rend());
    one.add_packed_int64(SampleTag::Value, values.begin(), values.end());
    protozero::pbf_builder<LabelTag> label(one, SampleTag::Label);
    label.add_int64(LabelTag::Key, key);
    label.add_int64(LabelTag::Text, category);
  }

  struct PathHash {
    std::size_t operator()(const Path& path) const {
      std::size_t hash = path.size();
      for (const Location* place : path)
        hash = hash * 31 + std::hash<const Location*>()(place);
      return hash;
    }
  };

  const report::Subject& subject_;
  std::string bytes_;
  protozero::pbf_builder<ProfileTag> out_{bytes_};
  // The nodes of the map stay where they are.
  std::unordered_map<std::string, std::int64_t> string_numbers_;
  std::vector<const std::string*> strings_;
  std::unordered_map<std::string, std::uint64_t> mappings_;  // by path
  std::unordered_map<std::uint64_t, std::uint64_t> functions_;
  std::unordered_map<Path, std::uint64_t, PathHash> locations_;
};

}  // namespace

void write_pprof(report::Output& out, const report::Subject& subject,
                 const ExportOptions& options) {
  out.write(gzip(Writer(subject).write(options.value)));
}

}  // namespace sagemem::exports
