#include "http/LimitKeys.h"

namespace sluice {

std::vector<LimitKey> limitKeysOf(const HttpRequest& request, std::string_view subject) {
    std::vector<LimitKey> keys{LimitKey::ofAddress(request.peer())};
    if (!subject.empty()) keys.push_back(LimitKey::ofSubject(subject));
    return keys;
}

}  // namespace sluice
