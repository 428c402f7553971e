// What stands inside the events of --json: participants, messages, files, errors (docs/cli.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "proto/client.pb.h"

namespace connectsphere::cli {

using json = nlohmann::ordered_json;

std::string lower(std::string_view text);  // an enumerator's name, as scripts read it

json describe(const proto::Participant& participant);
json describe(const google::protobuf::RepeatedPtrField<proto::Participant>& participants);
json describe(const proto::Error& error);
json describe(const proto::FileInfo& file);
json describe(const proto::ChatMessage& chat);

}  // namespace connectsphere::cli
