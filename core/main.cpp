#include "cli/Commands.h"
#include "node/Runner.h"

/// The composition root: commands above, the node that they run below.
int main(int argc, char** argv) {
    return sluice::cli::main(argc, argv, sluice::runNode);
}
