#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "http/HttpHandler.h"

namespace sluice {

/// Serves the files of a folder: content types by extension, `index.html` for folders, ETag and
/// If-None-Match. Never anything outside of the folder, also not through links, and no file or
/// folder whose name begins with a dot.
class StaticHandler final : public HttpHandler {
  public:
    static constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024;

    /// Throws std::invalid_argument where `folder` is no folder.
    explicit StaticHandler(const std::filesystem::path& folder);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    HttpResponse serve(const HttpRequest& request, const std::filesystem::path& file) const;

    const std::filesystem::path folder_;  // canonical
};

/// By the file's extension; `application/octet-stream` for what is not known.
std::string_view contentTypeOf(const std::filesystem::path& file);

/// Decodes a request path to a relative one; nothing where it would leave its folder, names
/// something hidden or is malformed. Pure.
std::optional<std::filesystem::path> relativePathOf(std::string_view requestPath);

}  // namespace sluice
