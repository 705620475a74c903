// Many sessions of one model at once, with the shipped kernels: results, a storm of creation and destruction, Cancel while running, a fork, silence.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <thread>
#include <tflower/schema_generated.h>

#include "model_spec.h"
#include "shipped_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

constexpr int32_t kAdd = 0, kFullyConnected = 9, kDequantize = 6, kSoftmax = 25, kRows = 8, kSize = 64;

// y = softmax(x w), w stored as float16; count = counter + 1, of a variable. Packs weights, folds constants and has state.
ModelSpec Network() {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  std::vector<uint16_t> w(kSize * kSize, 0);
  for (size_t i = 0; i < kSize; ++i) w[i * kSize + i] = 0x3c00;  // 1.0 on the diagonal
  main.tensors = {{.name = "x", .shape = {kRows, kSize}},
                  {.name = "w16", .dtype = 1, .shape = {kSize, kSize}, .data = Pack(w)},
                  {.name = "w", .shape = {kSize, kSize}},
                  {.name = "logits", .shape = {kRows, kSize}},
                  {.name = "y", .shape = {kRows, kSize}},
                  {.name = "counter", .shape = {1}, .variable = true},
                  {.name = "one", .shape = {1}, .data = Pack<float>({1})},
                  {.name = "count", .shape = {1}}};
  main.ops = {{.code = kDequantize, .inputs = {1}, .outputs = {2}, .version = 3},
              {.code = kFullyConnected,
               .inputs = {0, 2},
               .outputs = {3},
               .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::FullyConnectedOptions),
               .options = [](Builder& b) { return tflite::CreateFullyConnectedOptions(b).Union(); }},
              {.code = kSoftmax,
               .inputs = {3},
               .outputs = {4},
               .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::SoftmaxOptions),
               .options = [](Builder& b) { return tflite::CreateSoftmaxOptions(b, 1).Union(); }},
              {.code = kAdd, .inputs = {5, 6}, .outputs = {7}}};
  main.inputs = {0};
  main.outputs = {4, 7};
  return model;
}

struct Opened {
  Bytes bytes = Build(Network());
  std::shared_ptr<const Model> model;

  Opened() {
    auto opened = Model::FromBytes(AsBytes(bytes), ShippedKernels());
    REQUIRE_MESSAGE(opened.ok(), opened.error().ToString());
    model = std::move(opened.value());
  }
};

// All rows are the same number: softmax gives 1 / kSize everywhere.
bool RunsRight(Session& session, float value) {
  const std::vector<float> x(kRows * kSize, value);
  if (!session.SetInput(0, std::as_bytes(std::span(x))).ok() || !session.Invoke().ok()) return false;
  const auto y = Values<float>(session.OutputData(0));
  return y.size() == x.size() && std::all_of(y.begin(), y.end(), [](float p) { return p > 0.99f / kSize && p < 1.01f / kSize; });
}

template <class F>
void OnThreads(int count, F f) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back(f, t);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("eight sessions, one model: equal results, weights packed and widened once") {
  const Opened opened;
  std::atomic<int> wrong{0};
  OnThreads(8, [&](int t) {
    auto session = Session::Create(opened.model, {.threads = 1 + t % 3});
    if (!session.ok()) return void(++wrong);
    for (int i = 0; i < 10; ++i) wrong += RunsRight(*session.value(), static_cast<float>(t)) ? 0 : 1;
  });
  CHECK(wrong == 0);
  CHECK(opened.model->folded_bytes() == kSize * kSize * sizeof(float));
  const uint64_t packed = opened.model->packed_bytes();
  auto another = Session::Create(opened.model);
  REQUIRE(another.ok());
  CHECK(RunsRight(*another.value(), 1));
  CHECK(opened.model->packed_bytes() == packed);
}

TEST_CASE("sessions come and go while others run, and the last one keeps the model") {
  auto opened = std::make_unique<Opened>();
  std::weak_ptr<const Model> alive = opened->model;
  std::atomic<int> wrong{0};
  OnThreads(6, [&](int t) {
    for (int i = 0; i < 12; ++i) {
      auto session = Session::Create(opened->model, {.threads = 1 + (t + i) % 2});
      if (!session.ok() || (i % 3 != 0 && !RunsRight(*session.value(), 1))) ++wrong;  // some are never used
    }
  });
  CHECK(wrong == 0);
  auto last = Session::Create(opened->model);
  opened->model.reset();
  CHECK(RunsRight(*last.value(), 2));
  last.value().reset();
  CHECK(alive.expired());
}

TEST_CASE("Cancel from other threads: each Invoke ends well or with kLimit, and the session goes on") {
  const Opened opened;
  auto session = Session::Create(opened.model, {.threads = 2});
  REQUIRE(session.ok());
  std::atomic<bool> done{false};
  std::thread canceller([&] {
    while (!done) {
      session.value()->Cancel();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  int other = 0;
  for (int i = 0; i < 300; ++i) {
    const auto status = session.value()->Invoke();
    other += status.ok() || status.error().code == Code::kLimit ? 0 : 1;
  }
  done = true;
  canceller.join();
  CHECK(other == 0);
  static_cast<void>(session.value()->Invoke());  // may be the one that the last Cancel was for
  CHECK(RunsRight(*session.value(), 3));
}

// ThreadSanitizer does not allow a forked child to start threads.
#if !defined(__SANITIZE_THREAD__)
TEST_CASE("a child of fork() goes on with the sessions of its parent, and starts threads of its own") {
  const Opened opened;
  auto session = Session::Create(opened.model, {.threads = 3});
  auto unused = Session::Create(opened.model, {.threads = 3});
  REQUIRE(RunsRight(*session.value(), 1));
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool good = true;
    for (int i = 0; i < 5; ++i) good = good && RunsRight(*session.value(), static_cast<float>(i));
    good = good && Values<float>(session.value()->OutputData(1)).size() == 1;
    unused.value().reset();  // its threads are the parent's
    session.value().reset();
    auto fresh = Session::Create(opened.model, {.threads = 2});
    good = good && fresh.ok() && RunsRight(*fresh.value(), 1);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(RunsRight(*session.value(), 2));  // the parent's threads are still there
}
#endif

TEST_CASE("nothing is written to standard output and standard error, whatever happens") {
  std::fflush(nullptr);
  const std::string path = "runtime_quiet_" + std::to_string(getpid());
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600);
  REQUIRE(file >= 0);
  const std::array<int, 2> saved = {dup(1), dup(2)};
  dup2(file, 1);
  dup2(file, 2);
  bool as_expected = true;
  {
    const Opened opened;
    auto session = Session::Create(opened.model, {.threads = 2});
    as_expected = session.ok() && RunsRight(*session.value(), 1);
    session.value()->Cancel();
    as_expected = as_expected && !session.value()->Invoke().ok() && !Session::Create(opened.model, {.signature = "none"}).ok();
    ModelSpec broken = Network();
    broken.subgraphs[0].ops[1].inputs = {0, 99};
    const Bytes bytes = Build(broken);
    as_expected = as_expected && !Model::FromBytes(AsBytes(bytes), ShippedKernels()).ok();
  }
  std::fflush(nullptr);
  dup2(saved[0], 1);
  dup2(saved[1], 2);
  for (const int fd : saved) close(fd);
  const off_t written = lseek(file, 0, SEEK_END);
  close(file);
  unlink(path.c_str());
  CHECK(as_expected);
  CHECK(written == 0);
}
