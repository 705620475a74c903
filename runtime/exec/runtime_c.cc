// The C API: handles around the C++ classes, errors as codes and a thread's last sentence.
#include "tflower/runtime_c.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "../plan/kernel_source.h"
#include "tflower/runtime.h"

using tflower::Code;
using tflower::Error;
using tflower::Result;
using tflower::Status;
using tflower::runtime::KernelSource;
using tflower::runtime::Model;
using tflower::runtime::Session;
using tflower::runtime::TensorInfo;

struct tflower_kernels {
  std::shared_ptr<const KernelSource> source;
};
struct tflower_model {
  std::shared_ptr<const Model> model;
};
struct tflower_session {
  std::unique_ptr<Session> session;
  std::shared_ptr<const Model> model;
};

namespace {

thread_local std::string last_error;

int32_t Report(const Error& error) noexcept {
  try {
    last_error = error.ToString();
  } catch (...) {
    last_error.clear();
  }
  return static_cast<int32_t>(error.code);
}

// Runs f, which returns a Status; memory exhaustion is the only exception that the runtime lets pass.
template <class F>
int32_t Guard(F&& f) noexcept {
  try {
    const Status status = f();
    return status.ok() ? 0 : Report(status.error());
  } catch (const std::bad_alloc&) {
    return Report(Error(Code::kLimit, "out of memory"));
  } catch (...) {
    return Report(Error(Code::kInternal, "an exception reached the C interface"));
  }
}

Status CheckIndex(size_t index, size_t count, const char* what) {
  if (index < count) return tflower::Ok();
  return Error(Code::kUsage,
               std::string(what) + " " + std::to_string(index) + " of " + std::to_string(count) + " does not exist");
}

// Structs grow at their end. `first`: the size of the first version, below which no caller can be.
Status CheckStructSize(uint32_t size, size_t first, const char* name) {
  if (size >= first) return tflower::Ok();
  return Error(Code::kUsage, "struct_size of " + std::string(name) + " is " + std::to_string(size) + "; it is not set, or not to the struct's sizeof");
}

// The caller's struct as ours: what it does not have is 0, and what we do not have must be.
template <class T>
Result<T> ReadStruct(const T* from, size_t first, const char* name) {
  T to = {};
  TFLOWER_CHECK(CheckStructSize(from->struct_size, first, name));
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  std::memcpy(static_cast<void*>(&to), bytes, std::min<size_t>(from->struct_size, sizeof to));
  for (size_t i = sizeof to; i < from->struct_size; ++i) {
    if (bytes[i] != 0)
      return Error(Code::kUsage, std::string(name) + " sets an option that this library does not know").Hint("it is older than the header that the program was built with");
  }
  return to;
}

// Ours as the caller's: members that its struct does not have are left away, and its struct_size stays.
template <class T>
Status WriteStruct(T from, T* to, size_t first, const char* name) {
  TFLOWER_CHECK(CheckStructSize(to->struct_size, first, name));
  from.struct_size = to->struct_size;
  std::memcpy(static_cast<void*>(to), &from, std::min<size_t>(to->struct_size, sizeof from));
  return tflower::Ok();
}

constexpr size_t kFirstOptions = offsetof(tflower_session_options, max_operators);
constexpr size_t kFirstInfo = offsetof(tflower_tensor_info, tensor_name);

Status Fill(const TensorInfo& from, tflower_tensor_info* to) {
  tflower_tensor_info info = {};
  info.dtype = static_cast<int32_t>(from.dtype);
  info.name = from.name.data();
  info.name_size = from.name.size();
  info.rank = static_cast<int32_t>(from.shape.size());
  info.quantized_dimension = from.quantized_dimension;
  std::copy_n(from.shape.begin(), std::min<size_t>(from.shape.size(), TFLOWER_RUNTIME_MAX_RANK), info.dims);
  info.scale = from.scale.data();
  info.zero_point = from.zero_point.data();
  info.quant_count = from.scale.size();
  info.tensor_name = from.tensor_name.data();
  info.tensor_name_size = from.tensor_name.size();
  info.declared_rank = static_cast<int32_t>(from.shape_signature.size());
  std::copy_n(from.shape_signature.begin(), std::min<size_t>(from.shape_signature.size(), TFLOWER_RUNTIME_MAX_RANK), info.declared_dims);
  return WriteStruct(info, to, kFirstInfo, "tflower_tensor_info");
}

Result<tflower::runtime::SessionOptions> ReadOptions(const tflower_session_options* options) {
  tflower::runtime::SessionOptions wanted;
  if (options == nullptr) return wanted;
  TFLOWER_TRY(const tflower_session_options from, ReadStruct(options, kFirstOptions, "tflower_session_options"));
  if (from.threads != 0) wanted.threads = from.threads;
  if (from.signature != nullptr) wanted.signature = from.signature;
  wanted.max_bytes = from.max_bytes;
  wanted.max_operators = from.max_operators;
  wanted.max_time = std::chrono::nanoseconds(static_cast<int64_t>(std::min<uint64_t>(from.max_time_ns, INT64_MAX)));
  wanted.keep_tensors = from.keep_tensors != 0;
  return wanted;
}

Status CheckOut(const void* handle, const void* out) {
  if (handle != nullptr && out != nullptr) return tflower::Ok();
  return Error(Code::kUsage, "a handle or result pointer is NULL");
}

template <class T>
Status Store(Result<T> result, T* out) {
  if (!result.ok()) return std::move(result.error());
  *out = std::move(result.value());
  return tflower::Ok();
}

}  // namespace

extern "C" {

const char* tflower_last_error(void) { return last_error.c_str(); }

int32_t tflower_kernels_open(const char* const* plugins, size_t count, tflower_kernels** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(out, out));
    tflower::runtime::KernelOptions options;
    for (size_t i = 0; i < count; ++i) {
      TFLOWER_CHECK(CheckOut(plugins, plugins[i]));
      options.plugins.emplace_back(plugins[i]);
    }
    TFLOWER_TRY(auto source, tflower::runtime::OpenKernels(options));
    *out = new tflower_kernels{std::move(source)};
    return tflower::Ok();
  });
}

void tflower_kernels_free(tflower_kernels* kernels) { delete kernels; }

int32_t tflower_model_open_file(const char* path, tflower_kernels* kernels, tflower_model** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(kernels, out));
    TFLOWER_CHECK(CheckOut(path, out));
    TFLOWER_TRY(auto model, Model::FromFile(path, kernels->source));
    *out = new tflower_model{std::move(model)};
    return tflower::Ok();
  });
}

int32_t tflower_model_open_bytes(const void* data, size_t size, tflower_kernels* kernels, tflower_model** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(kernels, out));
    if (size != 0) TFLOWER_CHECK(CheckOut(data, out));
    TFLOWER_TRY(auto model, Model::FromBytes({static_cast<const std::byte*>(data), size}, kernels->source));
    *out = new tflower_model{std::move(model)};
    return tflower::Ok();
  });
}

void tflower_model_free(tflower_model* model) { delete model; }

int32_t tflower_session_create(tflower_model* model, const tflower_session_options* options, tflower_session** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(model, out));
    TFLOWER_TRY(const auto wanted, ReadOptions(options));
    TFLOWER_TRY(auto session, Session::Create(model->model, wanted));
    *out = new tflower_session{std::move(session), model->model};
    return tflower::Ok();
  });
}

size_t tflower_model_num_signatures(const tflower_model* model) { return model == nullptr ? 0 : model->model->Signatures().size(); }

int32_t tflower_model_signature(const tflower_model* model, size_t index, const char** name, size_t* name_size) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(model, name));
    TFLOWER_CHECK(CheckOut(model, name_size));
    const auto signatures = model->model->Signatures();
    TFLOWER_CHECK(CheckIndex(index, signatures.size(), "signature"));
    *name = signatures[index].data();
    *name_size = signatures[index].size();
    return tflower::Ok();
  });
}

int32_t tflower_session_select(tflower_session* session, const char* signature) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, signature));
    return session->session->Select(signature);
  });
}

void tflower_session_free(tflower_session* session) { delete session; }

size_t tflower_session_num_inputs(const tflower_session* session) {
  return session == nullptr ? 0 : session->session->num_inputs();
}
size_t tflower_session_num_outputs(const tflower_session* session) {
  return session == nullptr ? 0 : session->session->num_outputs();
}

int32_t tflower_session_input_info(const tflower_session* session, size_t index, tflower_tensor_info* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    return Fill(session->session->InputInfo(index), out);
  });
}

int32_t tflower_session_output_info(const tflower_session* session, size_t index, tflower_tensor_info* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_outputs(), "output"));
    return Fill(session->session->OutputInfo(index), out);
  });
}

int32_t tflower_session_find_input(const tflower_session* session, const char* name, size_t* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckOut(name, out));
    return Store(session->session->FindInput(name), out);
  });
}

int32_t tflower_session_find_output(const tflower_session* session, const char* name, size_t* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckOut(name, out));
    return Store(session->session->FindOutput(name), out);
  });
}

int32_t tflower_session_resize_input(tflower_session* session, size_t index, int32_t rank, const int64_t* dims) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    if (rank < 0 || (rank > 0 && dims == nullptr))
      return Error(Code::kUsage, "rank is " + std::to_string(rank) + ", or dims is NULL");
    return session->session->Resize(index, {dims, static_cast<size_t>(rank)});
  });
}

int32_t tflower_session_prepare(tflower_session* session) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    return session->session->Prepare();
  });
}

void* tflower_session_input_data(tflower_session* session, size_t index, size_t* size) {
  void* data = nullptr;
  Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, size));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    TFLOWER_TRY(const auto bytes, session->session->InputData(index));
    *size = bytes.size();
    data = bytes.data();
    return tflower::Ok();
  });
  return data;
}

int32_t tflower_session_set_input(tflower_session* session, size_t index, const void* data, size_t size) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    if (size != 0) TFLOWER_CHECK(CheckOut(session, data));
    return session->session->SetInput(index, {static_cast<const std::byte*>(data), size});
  });
}

int32_t tflower_session_invoke(tflower_session* session) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    return session->session->Invoke();
  });
}

const void* tflower_session_output_data(const tflower_session* session, size_t index, size_t* size) {
  const void* data = nullptr;
  Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, size));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_outputs(), "output"));
    const auto bytes = session->session->OutputData(index);
    *size = bytes.size();
    data = bytes.data();
    return tflower::Ok();
  });
  return data;
}

size_t tflower_session_num_tensors(const tflower_session* session) {
  return session == nullptr ? 0 : session->session->num_tensors();
}

int32_t tflower_session_find_tensor(const tflower_session* session, const char* name, size_t* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckOut(name, out));
    return Store(session->session->FindTensor(name), out);
  });
}

int32_t tflower_session_tensor_info(const tflower_session* session, size_t index, tflower_tensor_info* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_tensors(), "tensor"));
    return Fill(session->session->TensorInfoAt(index), out);
  });
}

const void* tflower_session_tensor_data(const tflower_session* session, size_t index, size_t* size) {
  const void* data = nullptr;
  Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, size));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_tensors(), "tensor"));
    TFLOWER_TRY(const auto bytes, session->session->TensorData(index));
    *size = bytes.size();
    data = bytes.data();
    return tflower::Ok();
  });
  return data;
}

void tflower_session_set_operator_hook(tflower_session* session, void (*hook)(void*, const tflower_operator_event*), void* user) {
  if (session == nullptr) return;
  Guard([&]() -> Status {
    if (hook == nullptr) {
      session->session->SetOperatorHook({});
      return tflower::Ok();
    }
    session->session->SetOperatorHook([hook, user](const tflower::runtime::OperatorEvent& e) {
      const tflower_operator_event event = {sizeof event, e.code, e.op.data(), e.op.size(), e.node.data(), e.node.size(), e.subgraph, e.index, e.start_ns, e.ns, e.bytes};
      hook(user, &event);
    });
    return tflower::Ok();
  });
}

void tflower_session_set_result_hook(tflower_session* session, void (*hook)(void*, const tflower_operator_result*), void* user) {
  if (session == nullptr) return;
  Guard([&]() -> Status {
    if (hook == nullptr) {
      session->session->SetResultHook({});
      return tflower::Ok();
    }
    session->session->SetResultHook([hook, user](const tflower::runtime::OperatorResult& r) {
      const tflower_operator_result result = {sizeof result,   static_cast<int32_t>(r.dtype), r.op.data(),    r.op.size(),   r.name.data(),
                                              r.name.size(),   r.subgraph,                    static_cast<int32_t>(r.shape.size()),
                                              r.shape.data(),  r.bytes.data(),                r.bytes.size()};
      hook(user, &result);
    });
    return tflower::Ok();
  });
}

int32_t tflower_session_get_stats(const tflower_session* session, tflower_session_stats* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    const tflower::runtime::SessionStats stats = session->session->Stats();
    const tflower_session_stats to = {sizeof to, 0, stats.arena_bytes, stats.packed_bytes, session->model->packed_bytes(), stats.plan_ns, stats.operators};
    return WriteStruct(to, out, sizeof to, "tflower_session_stats");
  });
}

void tflower_session_reset_variables(tflower_session* session) {
  if (session != nullptr) session->session->ResetVariables();
}

void tflower_session_cancel(tflower_session* session) {
  if (session != nullptr) session->session->Cancel();
}

}  // extern "C"
