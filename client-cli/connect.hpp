// What every command that talks to a server shares: options into a client, and failures into exit codes.
#pragma once

#include <string>

#include "client-cli/options.hpp"
#include "lib/client/place_file.hpp"
#include "lib/client/runner.hpp"

namespace connectsphere::cli {

// Everything but media and `verify`, which need more than the options.
Result<client::Runner::Options> runner_options(const GlobalOptions& options);

// --password, else the first line of --password-file.
Result<std::string> find_password(const GlobalOptions& options);

// Where the resume token of this server, room and name is kept.
client::PlaceFile::Key place_key(const client::Runner::Options& options);

ExitCode exit_code(const Error& error);  // of something that failed before the session began
ExitCode exit_code(const proto::Error& error);
ExitCode exit_code(const client::Ended& ended);

}  // namespace connectsphere::cli
