#include "services/common/service_name.hpp"

namespace connectsphere {

std::string service_name(proto::Service service) {
    std::string name = proto::Service_Name(service);
    for (char& c : name) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
}

}  // namespace connectsphere
