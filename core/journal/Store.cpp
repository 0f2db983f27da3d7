#include "journal/Store.h"

#include <cerrno>
#include <cstring>

#include <sqlite3.h>

#include "journal/Crc32c.h"

namespace sluice {
namespace {

constexpr int kApplication = 0x534c4a31;  // SLJ1
constexpr std::size_t kCheckBytes = sizeof(std::uint32_t);
constexpr std::uint64_t kFreePagesMin = 4'096;

StoreError::Kind kindOf(int code, sqlite3* database) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return StoreError::Kind::Full;
        case SQLITE_IOERR: {
            // So it says that there is no room for its index in shared memory, `-shm`.
            const int error = sqlite3_system_errno(database);
            return error == ENOSPC || error == EDQUOT ? StoreError::Kind::Full
                                                      : StoreError::Kind::Other;
        }
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        // What we ask for is always the same: only tables that are not ours any more refuse it.
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_SCHEMA:
            return StoreError::Kind::Damaged;
        default:
            return StoreError::Kind::Other;
    }
}

/// The blob behind its checksum; empty where it does not fit.
std::string_view opened(std::string_view sealed) {
    std::uint32_t check = 0;
    if (sealed.size() <= kCheckBytes) return {};
    std::memcpy(&check, sealed.data(), kCheckBytes);
    sealed.remove_prefix(kCheckBytes);
    return crc32c(sealed) == check ? sealed : std::string_view{};
}

}  // namespace

/// A prepared statement.
class Store::Statement {
  public:
    Statement(Store& store, const char* sql) : store_{store} {
        check(sqlite3_prepare_v3(store.database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                                 nullptr));
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int index, std::int64_t value) {
        check(sqlite3_bind_int64(statement_, index, value));
        return *this;
    }
    /// Borrowed until the next run has ended.
    Statement& bindBlob(int index, std::string_view value) {
        check(sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC));
        return *this;
    }
    Statement& bindText(int index, std::string_view value) {
        check(sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC,
                                  SQLITE_UTF8));
        return *this;
    }
    /// Whether there is a row.
    bool step() {
        const int code = sqlite3_step(statement_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) {
            sqlite3_reset(statement_);
            return false;
        }
        sqlite3_reset(statement_);
        check(code);
        return false;
    }
    void run() {
        while (step()) {
        }
    }
    void reset() { sqlite3_reset(statement_); }
    std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }
    std::string_view blob(int column) {
        const void* const bytes = sqlite3_column_blob(statement_, column);
        const int length = sqlite3_column_bytes(statement_, column);
        return {static_cast<const char*>(bytes), static_cast<std::size_t>(length)};
    }

  private:
    void check(int code) {
        if (code == SQLITE_OK) return;
        throw StoreError{kindOf(code, store_.database_),
                         store_.file_ + ": " + sqlite3_errmsg(store_.database_)};
    }

    Store& store_;
    sqlite3_stmt* statement_ = nullptr;
};

Store::Store(const std::filesystem::path& folder) : file_{(folder / kFile).string()} {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(file_.c_str(), &database_, flags, nullptr);
    try {
        if (code != SQLITE_OK)
            throw StoreError{kindOf(code, database_), file_ + ": " + sqlite3_errmsg(database_)};
        const auto format = number("PRAGMA user_version");
        if (format > kFormat)
            throw StoreError{StoreError::Kind::NewerFormat,
                             file_ + " has format " + std::to_string(format) +
                                 " of a newer version of Sluice; this one reads up to " +
                                 std::to_string(kFormat)};
        if (format == 0) execute("PRAGMA auto_vacuum=INCREMENTAL");
        execute("PRAGMA journal_mode=WAL");
        execute("PRAGMA synchronous=FULL");
        execute("PRAGMA wal_autocheckpoint=4000");
        execute("PRAGMA journal_size_limit=67108864");
        execute("PRAGMA cache_size=-8192");
        if (format == 0)
            makeTables();
        else if (format < kFormat)
            execute(("PRAGMA user_version=" + std::to_string(kFormat)).c_str());
        prepareAll();
    } catch (...) {
        sqlite3_close(database_);
        throw;
    }
}

Store::~Store() {
    for (auto* statement : {&setState_, &setChannel_, &dropChannel_, &addPiece_, &dropPieces_,
                            &findOldest_, &dropOne_})
        statement->reset();
    sqlite3_close(database_);
}

void Store::makeTables() {
    execute("BEGIN IMMEDIATE");
    execute(("PRAGMA application_id=" + std::to_string(kApplication)).c_str());
    execute("CREATE TABLE state(id INTEGER PRIMARY KEY, blob BLOB)");
    execute("CREATE TABLE channel(id INTEGER PRIMARY KEY, name TEXT, blob BLOB)");
    execute("CREATE TABLE piece(id INTEGER PRIMARY KEY, channel INTEGER, last INTEGER, blob BLOB)");
    execute("CREATE INDEX piece_of_channel ON piece(channel, last)");
    execute(("PRAGMA user_version=" + std::to_string(kFormat)).c_str());
    execute("COMMIT");
}

void Store::prepareAll() {
    setState_ = prepare("INSERT OR REPLACE INTO state VALUES(1, ?)");
    setChannel_ = prepare("INSERT OR REPLACE INTO channel VALUES(?, ?, ?)");
    dropChannel_ = prepare("DELETE FROM channel WHERE id = ?");
    addPiece_ = prepare("INSERT INTO piece(channel, last, blob) VALUES(?, ?, ?)");
    dropPieces_ = prepare("DELETE FROM piece WHERE channel = ? AND last <= ?");
    findOldest_ = prepare("SELECT id, channel, last FROM piece ORDER BY id LIMIT 1");
    dropOne_ = prepare("DELETE FROM piece WHERE id = ?");
}

std::unique_ptr<Store::Statement> Store::prepare(const char* sql) {
    return std::make_unique<Statement>(*this, sql);
}

void Store::execute(const char* sql) {
    prepare(sql)->run();
}

std::uint64_t Store::number(const char* sql) {
    const auto statement = prepare(sql);
    const std::int64_t value = statement->step() ? statement->integer(0) : 0;
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

namespace {

std::string_view sealInto(std::string& sealed, std::string_view blob) {
    const std::uint32_t check = crc32c(blob);
    sealed.assign(reinterpret_cast<const char*>(&check), kCheckBytes);
    sealed += blob;
    return sealed;
}

}  // namespace

std::optional<std::string> Store::state() {
    const auto statement = prepare("SELECT blob FROM state WHERE id = 1");
    if (!statement->step()) return std::nullopt;
    const std::string_view blob = opened(statement->blob(0));
    if (blob.empty()) throw StoreError{StoreError::Kind::Damaged, file_ + ": its state is damaged"};
    return std::string{blob};
}

std::size_t Store::channels(const Row& row) {
    std::size_t damaged = 0;
    const auto statement = prepare("SELECT id, name, blob FROM channel");
    while (statement->step()) {
        const std::string_view blob = opened(statement->blob(2));
        if (blob.empty())
            ++damaged;
        else
            row(statement->integer(0), statement->blob(1), blob);
    }
    return damaged;
}

void Store::pieces(std::int64_t channel, std::uint64_t after, const Piece& piece) {
    const auto statement =
        prepare("SELECT last, blob FROM piece WHERE channel = ? AND last > ? ORDER BY last");
    statement->bind(1, channel).bind(2, static_cast<std::int64_t>(after));
    while (statement->step())
        if (!piece(static_cast<std::uint64_t>(statement->integer(0)), opened(statement->blob(1))))
            return;
}

void Store::begin() {
    execute("BEGIN IMMEDIATE");
}

void Store::setState(std::string_view blob) {
    setState_->bindBlob(1, sealInto(sealed_, blob)).run();
}

void Store::setChannel(std::int64_t id, std::string_view name, std::string_view blob) {
    setChannel_->bind(1, id).bindText(2, name).bindBlob(3, sealInto(sealed_, blob)).run();
}

void Store::dropChannel(std::int64_t id) {
    dropChannel_->bind(1, id).run();
    dropPieces_->bind(1, id).bind(2, std::int64_t{0x7fffffffffffffff}).run();
}

void Store::addPiece(std::int64_t channel, std::uint64_t last, std::string_view blob) {
    addPiece_->bind(1, channel)
        .bind(2, static_cast<std::int64_t>(last))
        .bindBlob(3, sealInto(sealed_, blob))
        .run();
}

void Store::dropPieces(std::int64_t channel, std::uint64_t upTo) {
    dropPieces_->bind(1, channel).bind(2, static_cast<std::int64_t>(upTo)).run();
}

std::optional<Store::Oldest> Store::dropOldest() {
    if (!findOldest_->step()) return std::nullopt;
    const std::int64_t id = findOldest_->integer(0);
    const Oldest oldest{findOldest_->integer(1),
                        static_cast<std::uint64_t>(findOldest_->integer(2))};
    findOldest_->reset();
    dropOne_->bind(1, id).run();
    return oldest;
}

void Store::commit() {
    execute("COMMIT");
}

void Store::rollback() noexcept {
    if (sqlite3_get_autocommit(database_) == 0)
        sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::uint64_t Store::bytes() {
    const std::uint64_t pages = number("PRAGMA page_count"), free = number("PRAGMA freelist_count");
    return (pages - free) * number("PRAGMA page_size");
}

void Store::shrink() {
    const std::uint64_t free = number("PRAGMA freelist_count");
    if (free > kFreePagesMin && free > number("PRAGMA page_count") / 2)
        execute("PRAGMA incremental_vacuum(1024)");
}

}  // namespace sluice
