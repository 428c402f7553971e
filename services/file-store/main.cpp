#include "services/common/service.hpp"
#include "services/file-store/disk_storage.hpp"
#include "services/file-store/store_engine.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    using namespace connectsphere::file_store;
    const ServiceSpec spec{
        .service = proto::FILE_STORE,
        .program = "cs-file-store",
        .purpose = "Keeps the files of every room.",
        .make =
            [](const EngineContext& context) {
                auto storage = std::make_unique<DiskStorage>(context.config.state_dir / "files");
                return hooks_of(std::make_shared<StoreEngine>(context, std::move(storage)));
            },
        .frame_bytes = StoreEngine::kChunk + (4 << 10),
        .nice = 5,  // sound and chat come first
    };
    return run_service(argc, argv, spec);
}
