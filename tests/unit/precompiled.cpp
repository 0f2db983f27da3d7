// Carries the precompiled header of the unit tests: an executable, since it must be compiled as
// they are.
int main() {}
