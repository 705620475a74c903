// Runs the model that it is given on zeros.
#include <cstdio>

#include <tflower/runtime.h>

int main(int argc, char** argv) {
  using namespace tflower::runtime;
  const auto failed = [](const tflower::Error& error) {
    std::fprintf(stderr, "%s\n", error.ToString().c_str());
    return 1;
  };
  if (argc != 2) return 2;
  const auto kernels = OpenKernels();
  if (!kernels.ok()) return failed(kernels.error());
  const auto model = Model::FromFile(argv[1], kernels.value());
  if (!model.ok()) return failed(model.error());
  auto session = Session::Create(model.value());
  if (!session.ok()) return failed(session.error());
  const auto status = session.value()->Invoke();
  if (!status.ok()) return failed(status.error());
  std::printf("%zu bytes\n", session.value()->OutputData(0).size());
  return session.value()->OutputData(0).empty() ? 1 : 0;
}
