// The public Model: loaded bytes, kernels, and what sessions share.
#include <chrono>

#include "model_impl.h"

namespace tflower::runtime {
namespace {

// A registry and the kernels it knows, as one owner.
class OwnedRegistry final : public KernelSource {
 public:
  explicit OwnedRegistry(std::unique_ptr<Registry> registry) : registry_(std::move(registry)) {}
  Result<KernelRef> FindKernel(const KernelQuery& query) const override { return registry_->FindKernel(query); }

 private:
  std::unique_ptr<Registry> registry_;
};

template <class Load>
Result<std::unique_ptr<Model::Impl>> MakeImpl(std::shared_ptr<const KernelSource> kernels, Load load) {
  const auto start = std::chrono::steady_clock::now();
  TFLOWER_TRY(auto loaded, load());
  auto impl = std::make_unique<Model::Impl>(std::move(loaded), std::move(kernels));
  impl->load_ns = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count());
  return impl;
}

}  // namespace

Result<std::shared_ptr<const KernelSource>> OpenKernels(const KernelOptions& options) {
  RegistryOptions registry_options;
  registry_options.plugins = options.plugins;
  TFLOWER_TRY(auto registry, Registry::Open(registry_options));
  return std::shared_ptr<const KernelSource>(std::make_shared<OwnedRegistry>(std::move(registry)));
}

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;

Result<std::shared_ptr<const Model>> Model::FromFile(const std::string& path, std::shared_ptr<const KernelSource> kernels,
                                                     const ModelOptions& options) {
  TFLOWER_TRY(auto impl, MakeImpl(std::move(kernels), [&] { return LoadedModel::FromFile(path, options.verify_checksum); }));
  return std::shared_ptr<const Model>(new Model(std::move(impl)));
}

Result<std::shared_ptr<const Model>> Model::FromBytes(std::span<const std::byte> bytes,
                                                      std::shared_ptr<const KernelSource> kernels) {
  TFLOWER_TRY(auto impl, MakeImpl(std::move(kernels), [&] { return LoadedModel::FromBytes(bytes); }));
  return std::shared_ptr<const Model>(new Model(std::move(impl)));
}

std::vector<std::string_view> Model::Signatures() const {
  std::vector<std::string_view> keys;
  for (const SignatureView& signature : view().signatures()) keys.push_back(signature.key);
  return keys;
}

const ModelView& Model::view() const { return impl_->loaded->view(); }
uint64_t Model::file_bytes() const { return impl_->loaded->file_bytes(); }
uint64_t Model::packed_bytes() const { return impl_->shared.packed_bytes(); }
uint64_t Model::folded_bytes() const { return impl_->shared.folded_bytes(); }
uint64_t Model::load_ns() const { return impl_->load_ns; }

}  // namespace tflower::runtime
