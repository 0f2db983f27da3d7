#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::ticker {

/// Coordinates in hundredths of a degree, north and east are positive.
struct Airport {
    std::string_view code;
    std::int64_t latitude, longitude;
};

inline constexpr std::array kAirports{
    Airport{"AMS", 5'231, 476},     Airport{"ATL", 3'364, -8'443},  Airport{"BKK", 1'369, 10'075},
    Airport{"BOG", 470, -7'415},    Airport{"CAI", 3'012, 3'141},   Airport{"CDG", 4'901, 255},
    Airport{"CPT", -3'397, 1'860},  Airport{"DEL", 2'857, 7'710},   Airport{"DEN", 3'986, -10'467},
    Airport{"DFW", 3'290, -9'704},  Airport{"DXB", 2'525, 5'536},   Airport{"EZE", -3'482, -5'854},
    Airport{"FRA", 5'003, 857},     Airport{"GRU", -2'344, -4'647}, Airport{"HKG", 2'231, 11'391},
    Airport{"HND", 3'555, 13'978},  Airport{"ICN", 3'746, 12'644},  Airport{"IST", 4'126, 2'874},
    Airport{"JFK", 4'064, -7'378},  Airport{"JNB", -2'614, 2'825},  Airport{"KEF", 6'399, -2'261},
    Airport{"LAX", 3'394, -11'841}, Airport{"LHR", 5'147, -45},     Airport{"LIM", -1'202, -7'711},
    Airport{"LOS", 658, 332},       Airport{"MAD", 4'049, -357},    Airport{"MEX", 1'944, -9'907},
    Airport{"NBO", -132, 3'693},    Airport{"ORD", 4'198, -8'790},  Airport{"PEK", 4'008, 11'658},
    Airport{"PER", -3'194, 11'597}, Airport{"SCL", -3'339, -7'079}, Airport{"SEA", 4'745, -12'231},
    Airport{"SIN", 136, 10'399},    Airport{"SVO", 5'597, 3'741},   Airport{"SYD", -3'395, 15'118},
    Airport{"TLV", 3'201, 3'489},   Airport{"YVR", 4'919, -12'318}, Airport{"YYZ", 4'368, -7'963},
    Airport{"AKL", -3'701, 17'479},
};

}  // namespace sluice::ticker
