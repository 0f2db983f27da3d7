/// A library like any other.
extern "C" __attribute__((visibility("default"))) int somethingElse() {
    return 7;
}
