/* The tflower runtime for C: the same as <tflower/runtime.h>, with opaque handles.
 *
 *   tflower_kernels* kernels; tflower_model* model; tflower_session* session;
 *   if (tflower_kernels_open(NULL, 0, &kernels) || tflower_model_open_file("m.tflite", kernels, &model) ||
 *       tflower_session_create(model, NULL, &session)) { puts(tflower_last_error()); return 1; }
 *   memcpy(tflower_session_input_data(session, 0, &size), pixels, size);
 *   if (tflower_session_invoke(session)) ...
 *
 * Every function that can fail returns 0, or the number of tflower::Code (status.h: 101 malformed file, 207 missing kernel, 208
 * bad run-time value, 300 wrong use, 600 resource limit ...); tflower_last_error() then has the sentence. No exception leaves.
 * Ownership: each handle is freed by its own free function, in any order: a session keeps its model, a model its kernels.
 * NULL may be freed. Threads: kernels and models from any; a session from one at a time, except tflower_session_cancel.
 */
#ifndef TFLOWER_RUNTIME_C_H
#define TFLOWER_RUNTIME_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tflower_kernels tflower_kernels;
typedef struct tflower_model tflower_model;
typedef struct tflower_session tflower_session;

/* Of the calling thread's last failure; "" when there was none. Valid until the thread's next failure. */
const char* tflower_last_error(void);

/* plugins: paths searched before the standard places; may be NULL when count is 0. */
int32_t tflower_kernels_open(const char* const* plugins, size_t count, tflower_kernels** out);
void tflower_kernels_free(tflower_kernels* kernels);

int32_t tflower_model_open_file(const char* path, tflower_kernels* kernels, tflower_model** out);
/* The bytes are borrowed: they must outlive the model and its sessions. */
int32_t tflower_model_open_bytes(const void* data, size_t size, tflower_kernels* kernels, tflower_model** out);
void tflower_model_free(tflower_model* model);

/* Set struct_size to sizeof(tflower_session_options); zero what is not wanted. */
typedef struct tflower_session_options {
  uint32_t struct_size;
  int32_t threads;        /* the caller's included; 0 = 1 */
  const char* signature;  /* NULL = serving_default, else the first */
  uint64_t max_bytes;     /* 0 = the machine's memory */
} tflower_session_options;

/* options may be NULL. */
int32_t tflower_session_create(tflower_model* model, const tflower_session_options* options, tflower_session** out);
void tflower_session_free(tflower_session* session);

typedef struct tflower_tensor_info {
  uint32_t struct_size;  /* set by the caller: sizeof(tflower_tensor_info) */
  int32_t dtype;         /* TensorType number: 0 float32, 2 int32, 9 int8 ... */
  const char* name;      /* not terminated; lives as long as the model */
  size_t name_size;
  int32_t rank;
  int32_t quantized_dimension;
  int64_t dims[16];      /* -1 = an output's, known only after invoke */
  const float* scale;    /* quant_count entries; lives as long as the model */
  const int64_t* zero_point;
  size_t quant_count;
} tflower_tensor_info;

size_t tflower_session_num_inputs(const tflower_session* session);
size_t tflower_session_num_outputs(const tflower_session* session);
int32_t tflower_session_input_info(const tflower_session* session, size_t index, tflower_tensor_info* out);
int32_t tflower_session_output_info(const tflower_session* session, size_t index, tflower_tensor_info* out);
/* name: in the signature, of the tensor, or a position in digits. */
int32_t tflower_session_find_input(const tflower_session* session, const char* name, size_t* out);
int32_t tflower_session_find_output(const tflower_session* session, const char* name, size_t* out);

/* Contents of all inputs are lost when a shape changes. */
int32_t tflower_session_resize_input(tflower_session* session, size_t index, int32_t rank, const int64_t* dims);
int32_t tflower_session_prepare(tflower_session* session);
/* The input's memory and its bytes, to be written; NULL on failure. Valid until shapes change. */
void* tflower_session_input_data(tflower_session* session, size_t index, size_t* size);
int32_t tflower_session_set_input(tflower_session* session, size_t index, const void* data, size_t size);
int32_t tflower_session_invoke(tflower_session* session);
/* NULL before the first successful invoke. Valid until the next invoke or resize. */
const void* tflower_session_output_data(const tflower_session* session, size_t index, size_t* size);
void tflower_session_reset_variables(tflower_session* session);
void tflower_session_cancel(tflower_session* session); /* from any thread */

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* TFLOWER_RUNTIME_C_H */
