#include "support/TestTls.h"

#include <stdexcept>

#include "support/ChildProcess.h"

namespace sluice::test {

TestTls::TestTls() {
    ChildProcess python;
    python.start({"python3", SLUICE_TEST_CERTIFICATES_PY, folder_.path().string()});
    if (python.wait(ChildProcess::kStart) != 0)
        throw std::runtime_error("no certificates:\n" + python.log());
}

const TestTls& sharedTls() {
    static const TestTls tls;
    return tls;
}

}  // namespace sluice::test
