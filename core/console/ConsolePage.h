#pragma once

#include <string_view>

#include "http/HttpHandler.h"

namespace sluice {

/// A file of the console, as it lies in the program: it runs from anywhere. Says nothing about the
/// node, so it needs no key.
class ConsolePage final : public HttpHandler {
  public:
    enum class File { Html, Css, Js };
    explicit ConsolePage(File file) : file_{file} {}

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    const File file_;
};

}  // namespace sluice
