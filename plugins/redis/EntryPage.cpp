#include "EntryPage.h"

#include <utility>

namespace sluice::redis {

bool EntryPage::take(const Reply& items, bool mayBeAlone) {
    for (const Reply& item : items.items) {
        auto entry = Entry::parse(item);
        if (!entry) return false;
        if (entry->kind == Entry::Kind::Dropped) {
            // With nothing but itself in the reply, it is too long by itself.
            isCut = !mayBeAlone || !entries.empty();
            if (isCut) return true;
            entry->kind = Entry::Kind::TooLong;
        }
        ids.push_back(entry->id);
        entries.push_back(std::move(*entry));
    }
    return true;
}

}  // namespace sluice::redis
