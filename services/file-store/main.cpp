#include "services/common/service.hpp"
#include "services/file-store/store_engine.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    return run_service<file_store::StoreEngine>(argc, argv, proto::FILE_STORE, "cs-file-store",
                                                "Keeps the files of every room.");
}
