#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "services/common/entropy.hpp"
#include "services/common/password.hpp"
#include "services/common/service.hpp"
#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/sqlite_store.hpp"

namespace {

using namespace connectsphere;

// Reads a password from standard input and prints what password_hash_file wants.
int print_password_hash() {
    std::string password;
    if (!std::getline(std::cin, password) || password.empty() || password.size() > kMaxPasswordBytes) {
        std::fprintf(stderr, "cs-signaling: write the password (1 to 128 bytes) to standard input\n");
        return 2;
    }
    std::printf("%s\n", hash_password(password, fill_random).c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--hash-password") return print_password_hash();
    const auto make = [](const EngineContext& context) {
        std::shared_ptr<signaling::Store> store =
            signaling::open_sqlite_store(context.config.state_dir / "signaling.db");
        return hooks_of(std::make_shared<signaling::SignalingEngine>(context, std::move(store)));
    };
    return run_service(argc, argv,
                       ServiceSpec{.service = proto::SIGNALING,
                                   .program = "cs-signaling",
                                   .purpose = "keeps rooms, participants and chat\n"
                                              "  --hash-password    read a password, print its hash",
                                   .make = make});
}
