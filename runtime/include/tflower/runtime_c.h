/* The tflower runtime for C: the same as <tflower/runtime.h>, with opaque handles. C89, and any C++.
 *
 *   tflower_kernels* kernels; tflower_model* model; tflower_session* session; size_t size;
 *   if (tflower_kernels_open(NULL, 0, &kernels) || tflower_model_open_file("m.tflite", kernels, &model) ||
 *       tflower_session_create(model, NULL, &session)) { puts(tflower_last_error()); return 1; }
 *   memcpy(tflower_session_input_data(session, 0, &size), pixels, size);
 *   if (tflower_session_invoke(session)) ...
 *
 * runtime/examples/c/run_model.c is a whole program.
 *
 * Errors: every function that can fail returns 0, or the number of tflower::Code (status.h: 101 malformed file, 207 missing kernel, 208 bad
 * run-time value, 300 wrong use, 600 a limit, or cancelled ...); tflower_last_error() then has the sentence. After an error all handles are
 * as usable as before. No exception leaves, nothing is printed, and nothing ends the process.
 * Ownership: each handle is freed by its own free function, in any order: a session keeps its model, a model its kernels.
 * NULL may be freed. Names and quantisation arrays that are handed out live as long as the model, are UTF-8, and are not terminated.
 * Threads: kernels and models from any, at the same time; a session from one at a time, except tflower_session_cancel. Sessions of one model
 * run side by side. A process may fork() while no other thread is inside of a function of this header; the child may use all handles.
 * Structs: the caller sets struct_size to the sizeof that it was compiled with. They only grow at their end, so programs built with an
 * older header run with a newer library: members that they do not know are left alone, or taken as 0. A program built with a newer header
 * than the library's is answered with 300 where it sets an option that the library does not know.
 * Shapes: dims outermost first, as the file has them (NHWC); data dense and row-major, little-endian, in the element type's own size
 * (INT4 and INT2 packed, lowest bits first; strings in TFLite's layout).
 */
#ifndef TFLOWER_RUNTIME_C_H
#define TFLOWER_RUNTIME_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TFLOWER_RUNTIME_MAX_RANK 16

typedef struct tflower_kernels tflower_kernels;
typedef struct tflower_model tflower_model;
typedef struct tflower_session tflower_session;

/* Of the calling thread's last failure; "" when there was none. Valid until the thread's next failure. */
const char* tflower_last_error(void);

/* ---- Kernels ---- */

/* Finds the plugins with kernels; their libraries are opened when a model needs them.
 * plugins: manifests, libraries or folders, searched before the standard places; may be NULL when count is 0. */
int32_t tflower_kernels_open(const char* const* plugins, size_t count, tflower_kernels** out);
void tflower_kernels_free(tflower_kernels* kernels);

/* ---- Models ---- */

/* Maps and verifies a file, which must not be shortened while the model lives. Errors: 100 unreadable, 101 malformed, 102 no .tflite. */
int32_t tflower_model_open_file(const char* path, tflower_kernels* kernels, tflower_model** out);
/* The bytes are borrowed: they must outlive the model and its sessions. They are copied if they are not 16-byte aligned. */
int32_t tflower_model_open_bytes(const void* data, size_t size, tflower_kernels* kernels, tflower_model** out);
void tflower_model_free(tflower_model* model);

/* Signatures, in the file's order; none is legal. */
size_t tflower_model_num_signatures(const tflower_model* model);
int32_t tflower_model_signature(const tflower_model* model, size_t index, const char** name, size_t* name_size);

/* ---- Sessions ---- */

typedef struct tflower_session_options {
  uint32_t struct_size;
  int32_t threads;        /* the caller's included; 0 = 1 */
  const char* signature;  /* terminated; NULL = serving_default, else the first, else subgraph 0 */
  uint64_t max_bytes;     /* of the arena and of any single tensor; 0 = the machine's memory */
  uint64_t max_operators; /* that one invoke may run, rounds of loops counted; 0 = any number */
  uint64_t max_time_ns;   /* of one invoke or prepare; 0 = any time. Looked at between operators and between pieces of their loops */
  int32_t keep_tensors;   /* 1: tflower_session_tensor_data has every result. For debuggers: costs memory and time */
  int32_t reserved;       /* 0 */
} tflower_session_options;

/* options may be NULL: one thread, no limits. Does not plan yet. */
int32_t tflower_session_create(tflower_model* model, const tflower_session_options* options, tflower_session** out);
void tflower_session_free(tflower_session* session);
/* Changes to another signature (terminated); variables persist. Error: 206 with the signatures that there are. */
int32_t tflower_session_select(tflower_session* session, const char* signature);

typedef struct tflower_tensor_info {
  uint32_t struct_size;
  int32_t dtype;                                       /* TensorType of TFLite's schema: 0 float32, 2 int32, 9 int8 ... */
  const char* name;                                    /* in the signature; the tensor's own without one */
  size_t name_size;
  int32_t rank;                                        /* 0 .. TFLOWER_RUNTIME_MAX_RANK */
  int32_t quantized_dimension;
  int64_t dims[TFLOWER_RUNTIME_MAX_RANK];              /* at present; -1 = an output's, known only after invoke */
  const float* scale;                                  /* quant_count entries: real = scale * (stored - zero_point) */
  const int64_t* zero_point;
  size_t quant_count;                                  /* 0 = not quantised, 1, or the size of quantized_dimension */
  const char* tensor_name;
  size_t tensor_name_size;
  int64_t declared_dims[TFLOWER_RUNTIME_MAX_RANK];     /* as the model declares them, declared_rank entries; -1 = any size */
  int32_t declared_rank;
  int32_t reserved;
} tflower_tensor_info;

/* In the signature's order, else the subgraph's. 0 for a NULL session. */
size_t tflower_session_num_inputs(const tflower_session* session);
size_t tflower_session_num_outputs(const tflower_session* session);
int32_t tflower_session_input_info(const tflower_session* session, size_t index, tflower_tensor_info* out);
int32_t tflower_session_output_info(const tflower_session* session, size_t index, tflower_tensor_info* out);
/* name (terminated): in the signature, of the tensor, or a position in digits. Error: 206 with the names that there are. */
int32_t tflower_session_find_input(const tflower_session* session, const char* name, size_t* out);
int32_t tflower_session_find_output(const tflower_session* session, const char* name, size_t* out);

/* Contents of all inputs are lost when a shape changes. Error: 208 where the signature fixes a dimension otherwise, or the shape is none. */
int32_t tflower_session_resize_input(tflower_session* session, size_t index, int32_t rank, const int64_t* dims);
/* Plans for the present shapes, unless that is done; everything below does it when needed. */
int32_t tflower_session_prepare(tflower_session* session);
/* The input's memory (64-byte aligned) and its bytes, to be written; NULL on failure. Valid until shapes or the signature change; the
 * contents outlast invoke. Not for strings. */
void* tflower_session_input_data(tflower_session* session, size_t index, size_t* size);
/* Copies into the input. Strings: TFLite's packed layout, any size. Error: 208 when the size is wrong. */
int32_t tflower_session_set_input(tflower_session* session, size_t index, const void* data, size_t size);
int32_t tflower_session_invoke(tflower_session* session);
/* NULL before the first successful invoke, and where the output has no elements. Valid until the next invoke, resize or select. */
const void* tflower_session_output_data(const tflower_session* session, size_t index, size_t* size);
/* Variables become zero or unassigned, as in a new session. */
void tflower_session_reset_variables(tflower_session* session);
/* From any thread: the running invoke (or prepare), or else the next, ends with 600, once. */
void tflower_session_cancel(tflower_session* session);

/* ---- Looking inside ---- */

/* The tensors of the signature's subgraph, by their index in the file. */
size_t tflower_session_num_tensors(const tflower_session* session);
int32_t tflower_session_find_tensor(const tflower_session* session, const char* name, size_t* out);
int32_t tflower_session_tensor_info(const tflower_session* session, size_t index, tflower_tensor_info* out);
/* What the last invoke left in it; NULL with error 300 unless the session has keep_tensors (constants, variables, inputs and outputs do not
 * need it); NULL without an error where it has no elements. */
const void* tflower_session_tensor_data(const tflower_session* session, size_t index, size_t* size);

/* One operator that has just run. Names live as long as the call. */
typedef struct tflower_operator_event {
  uint32_t struct_size; /* set by the library */
  int32_t code;         /* BuiltinOperator */
  const char* op;       /* "CONV_2D"; "CONV_2D + ADD" where one kernel computed both */
  size_t op_size;
  const char* node;     /* the name of its first output */
  size_t node_size;
  uint32_t subgraph;
  uint32_t index;       /* in the subgraph */
  uint64_t start_ns;    /* since invoke began */
  uint64_t ns;          /* it took; of an operator that calls subgraphs: all of them */
  uint64_t bytes;       /* of its operands and results, weights included */
} tflower_operator_event;

/* Called by invoke, on its thread, after every operator. hook NULL = none. It may call tflower_session_cancel, and nothing else on the session. */
void tflower_session_set_operator_hook(tflower_session* session, void (*hook)(void* user, const tflower_operator_event* event), void* user);

/* A result of an operator, right after it ran; later operators may reuse its memory. */
typedef struct tflower_operator_result {
  uint32_t struct_size; /* set by the library */
  int32_t dtype;
  const char* op;
  size_t op_size;
  const char* name;     /* of the tensor */
  size_t name_size;
  uint32_t subgraph;
  int32_t rank;
  const int64_t* dims;
  const void* data;
  size_t size;
} tflower_operator_result;

/* Likewise; also for tensors of called subgraphs. The session plans anew: contents of inputs are lost. */
void tflower_session_set_result_hook(tflower_session* session, void (*hook)(void* user, const tflower_operator_result* result), void* user);

typedef struct tflower_session_stats {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t arena_bytes;        /* activations and scratch, of all subgraphs in use */
  uint64_t packed_bytes;       /* weights in the kernels' layout, of this session alone */
  uint64_t model_packed_bytes; /* likewise, shared by all sessions of the model */
  uint64_t plan_ns;            /* the last planning */
  uint64_t operators;          /* that the last invoke ran */
} tflower_session_stats;
int32_t tflower_session_get_stats(const tflower_session* session, tflower_session_stats* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* TFLOWER_RUNTIME_C_H */
