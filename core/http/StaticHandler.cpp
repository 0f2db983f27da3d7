#include "http/StaticHandler.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace sluice {
namespace {

namespace fs = std::filesystem;

HttpResponse notFound() {
    return errorResponse(404, {"not-found", "path", "there is no such file", ""});
}

bool isInside(const fs::path& folder, const fs::path& file) {
    const auto end = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    return end.first == folder.end();
}

/// Size and time of change: as good as the file system's clock.
std::string etagOf(const fs::path& file, std::uintmax_t size) {
    const auto changed = fs::last_write_time(file).time_since_epoch().count();
    return '"' + std::to_string(size) + '-' + std::to_string(changed) + '"';
}

}  // namespace

StaticHandler::StaticHandler(const fs::path& folder)
    : folder_{[&] {
          std::error_code error;
          fs::path canonical = fs::canonical(folder, error);
          if (error || !fs::is_directory(canonical))
              throw std::invalid_argument{"static: " + folder.string() + " is no folder"};
          return canonical;
      }()} {}

std::optional<HttpResponse> StaticHandler::handle(const HttpRequest& request, HttpConnection&) {
    const auto relative = relativePathOf(request.path());
    if (!relative) return notFound();
    std::error_code error;
    fs::path file = fs::canonical(folder_ / *relative, error);
    if (error || !isInside(folder_, file)) return notFound();
    if (fs::is_directory(file, error)) {
        if (!request.path().ends_with('/')) {
            HttpResponse response;
            response.status = 308;
            // Only the last name: "//host/" would lead to another host.
            const std::string_view path = request.path();
            const std::string_view name = path.substr(path.rfind('/') + 1);
            response.with("Location", "./" + std::string{name} + "/");
            return response;
        }
        file = fs::canonical(file / "index.html", error);
        if (error || !isInside(folder_, file)) return notFound();
    }
    if (!fs::is_regular_file(file, error)) return notFound();
    return serve(request, file);
}

HttpResponse StaticHandler::serve(const HttpRequest& request, const fs::path& file) const {
    const std::uintmax_t size = fs::file_size(file);
    if (size > kFileBytesMax)
        return errorResponse(413, {"file-too-large", "path", "this file is too large to be served",
                                   "serve large files by a web server"});
    const std::string etag = etagOf(file, size);
    HttpResponse response;
    response.with("Cache-Control", "no-cache")
        .with("ETag", etag)
        .with("X-Content-Type-Options", "nosniff");
    if (request.headerHas("if-none-match", etag) ||
        request.headerHas("if-none-match", "W/" + etag) ||
        request.headerHas("if-none-match", "*")) {
        response.status = 304;
        response.hasBody = false;
        return response;
    }
    std::ifstream stream{file, std::ios::binary};
    response.body.resize(size);
    stream.read(response.body.data(), static_cast<std::streamsize>(size));
    if (!stream) return notFound();  // changed or gone meanwhile
    response.with("Content-Type", std::string{contentTypeOf(file)});
    return response;
}

std::string_view contentTypeOf(const fs::path& file) {
    struct Type {
        std::string_view extension, contentType;
    };
    constexpr std::array kTypes{
        Type{".html", "text/html; charset=utf-8"},
        Type{".css", "text/css; charset=utf-8"},
        Type{".js", "text/javascript; charset=utf-8"},
        Type{".mjs", "text/javascript; charset=utf-8"},
        Type{".json", "application/json"},
        Type{".map", "application/json"},
        Type{".txt", "text/plain; charset=utf-8"},
        Type{".md", "text/markdown; charset=utf-8"},
        Type{".xml", "application/xml"},
        Type{".svg", "image/svg+xml"},
        Type{".png", "image/png"},
        Type{".jpg", "image/jpeg"},
        Type{".jpeg", "image/jpeg"},
        Type{".gif", "image/gif"},
        Type{".webp", "image/webp"},
        Type{".ico", "image/x-icon"},
        Type{".woff2", "font/woff2"},
        Type{".wasm", "application/wasm"},
        Type{".pdf", "application/pdf"},
    };
    const std::string extension = file.extension().string();
    for (const Type& type : kTypes)
        if (equalIgnoringCase(type.extension, extension)) return type.contentType;
    return "application/octet-stream";
}

std::optional<fs::path> relativePathOf(std::string_view requestPath) {
    const auto decoded = percentDecode(requestPath, false);
    if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
    fs::path relative;
    std::string_view rest = *decoded;
    while (!rest.empty()) {
        const std::size_t slash = rest.find('/');
        const std::string_view name = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (name.starts_with('.')) return std::nullopt;  // "..", "." and hidden ones
        if (!name.empty()) relative /= name;
    }
    return relative;
}

}  // namespace sluice
