// How long a list of a room with 100,000 files takes, page after page, as messages.
#include <benchmark/benchmark.h>

#include "services/file-store/list_frame.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::file_store;

void list_all(benchmark::State& state, const std::string& search) {
    Catalogue catalogue;
    for (std::uint64_t id = 1; id <= 100'000; ++id) {
        StoredFile file{.info = {}, .room = "lobby"};
        file.info.set_file_id(id);
        file.info.set_name("minutes of meeting " + std::to_string(id) + ".pdf");
        file.info.set_size(id);
        file.info.set_sha256(std::string(32, 'h'));
        file.info.set_owner_name("somebody");
        file.upload[0] = static_cast<std::uint8_t>(id);
        file.upload[1] = static_cast<std::uint8_t>(id >> 8);
        file.upload[2] = static_cast<std::uint8_t>(id >> 16);
        catalogue.reserve("lobby", id);
        catalogue.add(std::move(file));
    }
    for (auto _ : state) {
        proto::ListFiles query;
        query.set_search(search);
        std::size_t bytes = 0;
        do {
            const auto page = catalogue.list("lobby", {1}, query, 1);
            bytes += list_frame(1, page)->size();
            query.set_after_file_id(page.more_after);
        } while (query.after_file_id() != 0);
        benchmark::DoNotOptimize(bytes);
    }
}

}  // namespace

BENCHMARK_CAPTURE(list_all, everything, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list_all, searched, "MEETING 9999")->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
