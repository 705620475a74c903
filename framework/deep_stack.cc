// OnDeepStack: the memory is only reserved; what is not used is never touched.
#include "deep_stack.h"

#include <pthread.h>

namespace tflower {
namespace {

constexpr size_t kStackBytes = size_t{512} << 20;

void* Run(void* f) {
  (*static_cast<const std::function<void()>*>(f))();
  return nullptr;
}

}  // namespace

void OnDeepStack(const std::function<void()>& f) {
  pthread_attr_t attributes;
  pthread_t thread;
  bool started = false;
  if (pthread_attr_init(&attributes) == 0) {
    started = pthread_attr_setstacksize(&attributes, kStackBytes) == 0 &&
              pthread_create(&thread, &attributes, &Run, const_cast<std::function<void()>*>(&f)) == 0;
    pthread_attr_destroy(&attributes);
  }
  if (started) pthread_join(thread, nullptr);
  else f();
}

}  // namespace tflower
