#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice {

/// What the disk, or SQLite on it, refused.
class StoreError final : public std::runtime_error {
  public:
    enum class Kind { Full, Damaged, NewerFormat, Other };
    StoreError(Kind kind, const std::string& text) : std::runtime_error{text}, kind_{kind} {}
    Kind kind() const { return kind_; }

  private:
    const Kind kind_;
};

/// The journal on disk: one SQLite file in WAL mode, where a transaction is on the disk when
/// `commit` returns. Every blob carries a CRC-32C, which SQLite's own pages do not.
///
/// One thread at a time. All functions throw StoreError.
class Store final {
  public:
    static constexpr int kFormat = 2;  // 1 did not know which events delete their keys
    static constexpr const char* kFile = "journal.db";

    using Row = std::function<void(std::int64_t id, std::string_view name, std::string_view blob)>;
    /// False ends the reading.
    using Piece = std::function<bool(std::uint64_t last, std::string_view blob)>;

    /// Opens the file, or makes it.
    explicit Store(const std::filesystem::path& folder);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Absent in a new file. Damaged: throws.
    std::optional<std::string> state();
    /// All channels whose blobs are whole; returns how many were damaged.
    std::size_t channels(const Row& row);
    /// The pieces of a channel that end above `after`, ascending; one that is damaged comes as an
    /// empty blob.
    void pieces(std::int64_t channel, std::uint64_t after, const Piece& piece);

    void begin();
    void setState(std::string_view blob);
    void setChannel(std::int64_t id, std::string_view name, std::string_view blob);
    void dropChannel(std::int64_t id);
    void addPiece(std::int64_t channel, std::uint64_t last, std::string_view blob);
    void dropPieces(std::int64_t channel, std::uint64_t upTo);
    struct Oldest {
        std::int64_t channel = 0;
        std::uint64_t last = 0;
    };
    /// Drops the oldest piece of all; absent where there is none.
    std::optional<Oldest> dropOldest();
    void commit();
    void rollback() noexcept;

    /// Bytes of the file's pages that hold something.
    std::uint64_t bytes();
    /// Gives a part of many free pages back to the file system.
    void shrink();

  private:
    class Statement;
    void execute(const char* sql);
    std::uint64_t number(const char* sql);
    std::unique_ptr<Statement> prepare(const char* sql);
    void prepareAll();
    void makeTables();

    const std::string file_;
    sqlite3* database_ = nullptr;
    std::unique_ptr<Statement> setState_, setChannel_, dropChannel_, addPiece_, dropPieces_,
        findOldest_, dropOne_;
    std::string sealed_;
};

}  // namespace sluice
