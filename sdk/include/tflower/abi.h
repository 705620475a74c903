/* The tflower plugin ABI, version 1. C11 and C++20. THE contract between the program and every plugin, ours included.
 *
 * A plugin is a shared library with one exported symbol, tflower_plugin_main, and a JSON manifest beside it. The function fills
 * tables; nothing else is imported or exported. C++ authors use <tflower/plugin.h>, which wraps all of this.
 *
 * Rules
 *  R1 Every struct begins with struct_size, written by its producer. Read a later member only through TFLOWER_HAS.
 *     Structs grow at the end only; a member is never removed or reused. Fixed-width members: no enum, long, bool or bit-field.
 *  R2 Pointers handed to a callback are valid during that call only, unless the member's comment says otherwise.
 *  R3 Nobody frees what the other side allocated. Strings are {pointer, length}, UTF-8, not terminated.
 *  R4 No exception and no longjmp leaves a callback (in C++ the pointer types are noexcept).
 *  R5 Thread tags: [convert] one thread at a time; [eval] any thread, concurrently on different nodes; [any].
 *  R6 Status: 0 = ok, 1 = declined ("not for me", the next candidate is tried), < 0 = error; say why through api->fail first.
 *  R7 tflower_plugin_main is pure: it fills its tables, registers nothing, starts no thread, reads no file.
 */
#ifndef TFLOWER_ABI_H
#define TFLOWER_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TFLOWER_NOEXCEPT noexcept
extern "C" {
#else
#define TFLOWER_NOEXCEPT
#endif
#if defined(_WIN32)
#define TFLOWER_EXPORT __declspec(dllexport)
#else
#define TFLOWER_EXPORT __attribute__((visibility("default")))
#endif

/* A plugin loads when the majors are equal and its abi_min <= the host's minor. */
#define TFLOWER_ABI_MAJOR 1u
#define TFLOWER_ABI_MINOR 0u

/* True when the producer of *p knew member m of struct type T. */
#define TFLOWER_HAS(p, T, m) ((p)->struct_size >= offsetof(T, m) + sizeof((p)->m))

typedef int32_t tflower_status;
#define TFLOWER_OK 0
#define TFLOWER_DECLINED 1
#define TFLOWER_ERROR (-1)

typedef struct tflower_str { const char* data; size_t size; } tflower_str;
typedef struct tflower_bytes { const void* data; size_t size; } tflower_bytes;

/* Element types: the numbers of TFLite's TensorType (FLOAT32 0, INT32 2, ...; see tfl_ops.h). */
#define TFLOWER_DTYPE_NONE (-1)
#define TFLOWER_MAX_RANK 16

/* ---- what a lowering and a rule see ------------------------------------------------------------------------------ */

#define TFLOWER_VALUE_CONSTANT 1u  /* every byte is known; api->value_data gives them                     */
#define TFLOWER_VALUE_RESOURCE 2u  /* a handle (variable, table): no tensor, see the functions on handles */
#define TFLOWER_VALUE_ELEMENTS 4u  /* a small integer tensor whose elements are known, some as symbols    */
#define TFLOWER_VALUE_LIST 8u      /* a list of tensors of one type: no tensor, see tflower_list          */
#define TFLOWER_VALUE_STATE 16u    /* the state of an operator, which changes it: see api->state          */

/* A typed value of the target graph. Owned by the host. */
typedef struct tflower_value {
  uint32_t struct_size;
  uint32_t flags;
  int32_t dtype;
  int32_t rank;              /* >= 0: values of unknown rank never reach a plugin */
  const int64_t* dims;       /* rank entries; -1 = not known before run time */
  const uint64_t* dim_keys;  /* rank entries; equal keys = equal at run time, also where dims is -1 */
  const float* scale;        /* quantisation: count entries (0 = not quantised) */
  const int64_t* zero_point;
  uint32_t quant_count;
  int32_t quant_axis;
  uint64_t users;            /* operators and graph outputs that read the value (rules only) */
} tflower_value;

#define TFLOWER_ATTR_NONE 0u
#define TFLOWER_ATTR_INT 1u
#define TFLOWER_ATTR_FLOAT 2u
#define TFLOWER_ATTR_BOOL 3u
#define TFLOWER_ATTR_STRING 4u
#define TFLOWER_ATTR_TYPE 5u    /* ints[0] = TensorType, or -1 - (TF DataType) when TFLite has none */
#define TFLOWER_ATTR_SHAPE 6u   /* ints[0..count) = dims, -1 unknown; count = UINT32_MAX: unknown rank */
#define TFLOWER_ATTR_TENSOR 7u  /* raw only */
#define TFLOWER_ATTR_FUNC 8u    /* strs[0] = function name */
#define TFLOWER_ATTR_LIST 16u   /* | one of the above: count elements */
#define TFLOWER_ATTR_ANY 255u   /* in a definition only: any kind, read as raw */

typedef struct tflower_attr {
  uint32_t struct_size;
  uint32_t kind;
  uint32_t count;  /* elements; 1 for scalars */
  uint32_t reserved;
  const int64_t* ints;  /* INT, BOOL, TYPE, SHAPE and lists of them (not of shapes) */
  const float* floats;
  const tflower_str* strs;
  tflower_bytes raw; /* the serialised AttrValue; empty when the value is the row's default */
} tflower_attr;

/* Type of one result. infer: the host presets dtype to -1, rank to 0 and dims to 0; the kernel fills them in. */
typedef struct tflower_type {
  uint32_t struct_size;
  int32_t dtype;
  int32_t rank;                    /* -1 (only where the host or a plugin declares a type): not known */
  uint32_t reserved;
  int64_t dims[TFLOWER_MAX_RANK];  /* -1 = not known: in infer, depends on contents that are not known, the output is DYNAMIC */
} tflower_type;

/* One TF node (or one call of a composite function), with complete attributes: attrs[i] belongs to the row's attrs[i]. */
typedef struct tflower_node {
  uint32_t struct_size;
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_attrs;
  tflower_str op;
  tflower_str name; /* the user's name for it */
  const tflower_value* const* inputs;
  const tflower_attr* attrs;
  const tflower_type* output_types;  /* num_outputs entries, what the model itself says of the results (dtype -1, rank -1: nothing); may be NULL */
  uint32_t handle;   /* TFLOWER_ROLE_HANDLE: its number among the model's handles, the same each time it is lowered */
  uint32_t reserved;
} tflower_node;

/* One operator of the target graph, or one to be made. options: the operator's struct of tfl_ops.h, or custom options bytes. */
typedef struct tflower_operator {
  uint32_t struct_size;
  int32_t code;            /* BuiltinOperator; 32 = CUSTOM */
  tflower_str custom_code;
  tflower_bytes options;
  const tflower_value* const* inputs; /* NULL entry = absent optional operand */
  uint32_t num_inputs;
  uint32_t num_outputs;
  const tflower_value* const* outputs; /* in a request to emit: NULL, or dtypes (nothing else is read) that only they tell, as of BITCAST */
} tflower_operator;

typedef struct tflower_lower_ctx tflower_lower_ctx;
struct tflower_lowering;

typedef struct tflower_elements {
  uint32_t struct_size;
  uint32_t count;
  const int64_t* values;   /* meaningful where known[i] != 0 */
  const uint8_t* known;
  const uint64_t* keys;    /* equal keys = equal at run time; comparable with dim_keys */
} tflower_elements;

#define TFLOWER_LIST_GROWS 1u /* a write behind its end makes it longer */

/* A list of tensors of one type and shape (TensorList, the flow of a TensorArray): a dense tensor of the target graph. */
typedef struct tflower_list {
  uint32_t struct_size;
  int32_t dtype;               /* of the elements */
  int32_t element_rank;        /* -1: not known yet */
  uint32_t flags;              /* TFLOWER_LIST_* */
  const int64_t* element_dims; /* element_rank entries; -1 = not known */
  const tflower_value* items;  /* [length, element dims...]; NULL: no element was written yet, all read as zeros */
  const tflower_value* length; /* int32 scalar */
} tflower_list;

/* A graph that an operator calls. Operand i of a WHILE is input i of its condition and of its body, whose output i is its next value. */
typedef struct tflower_subgraph {
  uint32_t struct_size;
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t reserved;
  const tflower_value* const* inputs;
  const tflower_value* const* outputs;
} tflower_subgraph;

#define TFLOWER_STATE_KEPT 1u /* from one invocation to the next, with zeros at the first; else it holds `initial` whenever the operator begins */

/* A WHILE to be emitted. Its variables begin as `initial` and keep their types. The callbacks run at once, each with the loop's variables as values
 * of the graph that it makes: what the builder makes meanwhile goes there, and takes nothing but these values and what it makes itself.
 * results: num_variables. A status other than TFLOWER_OK, which nobody else reports, ends it all. [convert] */
typedef struct tflower_loop {
  uint32_t struct_size;
  uint32_t num_variables;
  const tflower_value* const* initial;
  void* user;
  tflower_status (*condition)(tflower_lower_ctx*, void* user, const tflower_value* const* variables, const tflower_value** result) TFLOWER_NOEXCEPT;
  tflower_status (*body)(tflower_lower_ctx*, void* user, const tflower_value* const* variables, const tflower_value** results) TFLOWER_NOEXCEPT;
} tflower_loop;

/* The builder. Everything made is kept only if the callback returns TFLOWER_OK and every output fits. [convert] */
typedef struct tflower_lower_api {
  uint32_t struct_size;
  uint32_t abi_minor;
  /* Records why; what = attribute, input or output concerned. Returns TFLOWER_ERROR (or TFLOWER_DECLINED when code is 209). */
  tflower_status (*fail)(tflower_lower_ctx*, uint32_t code, tflower_str what, tflower_str message, tflower_str hint, tflower_str source) TFLOWER_NOEXCEPT;
  /* Bytes of a constant, in TFLite's layout; valid until the callback returns. May evaluate: do not ask for weights you only pass on. */
  tflower_status (*value_data)(tflower_lower_ctx*, const tflower_value*, tflower_bytes* out) TFLOWER_NOEXCEPT;
  /* Elements of an integer value of at most 4096 elements, known or symbolic. Declines when nothing is known. */
  tflower_status (*value_elements)(tflower_lower_ctx*, const tflower_value*, tflower_elements* out) TFLOWER_NOEXCEPT;
  /* A new constant; data is copied. */
  tflower_status (*constant)(tflower_lower_ctx*, int32_t dtype, int32_t rank, const int64_t* dims, tflower_bytes data, const tflower_value** out) TFLOWER_NOEXCEPT;
  /* Emits op (its outputs member is not read): types come from the operator's kernel; constant inputs fold. num_outputs results. */
  tflower_status (*emit)(tflower_lower_ctx*, const tflower_operator* op, const tflower_value** outputs) TFLOWER_NOEXCEPT;
  /* Lowering and composite: output `index` of the node is `value`. */
  tflower_status (*bind)(tflower_lower_ctx*, uint32_t index, const tflower_value* value) TFLOWER_NOEXCEPT;
  /* Rule: `value` takes the place of `old`; dtype and shape must agree. */
  tflower_status (*replace)(tflower_lower_ctx*, const tflower_value* old, const tflower_value* value) TFLOWER_NOEXCEPT;
  /* A line for the conversion report (something dropped or approximated on purpose). */
  void (*report)(tflower_lower_ctx*, tflower_str message) TFLOWER_NOEXCEPT;
  /* Lists. list_make: a new list; either items, or length and what is known of the element's shape. */
  tflower_status (*list_make)(tflower_lower_ctx*, const tflower_list* list, const tflower_value** out) TFLOWER_NOEXCEPT;
  tflower_status (*list_read)(tflower_lower_ctx*, const tflower_value* list, tflower_list* out) TFLOWER_NOEXCEPT;
  /* The items as one tensor; a list without items gets zeros of the shape of `like` (NULL: of the list's own element shape). */
  tflower_status (*list_items)(tflower_lower_ctx*, const tflower_value* list, const tflower_value* like, const tflower_value** out) TFLOWER_NOEXCEPT;
  /* Handles. The contents of a variable as they are at this point of the graph. */
  tflower_status (*variable_read)(tflower_lower_ctx*, const tflower_value* handle, const tflower_value** out) TFLOWER_NOEXCEPT;
  /* The operand's definition must say TFLOWER_OPERAND_WRITES. */
  tflower_status (*variable_assign)(tflower_lower_ctx*, const tflower_value* handle, const tflower_value* value) TFLOWER_NOEXCEPT;
  /* The handle as a tensor of type RESOURCE in this subgraph: output `part` that the lowering of the handle's own node (TFLOWER_ROLE_HANDLE)
   * binds there; 0, unless that lowering makes several operators of one handle. */
  tflower_status (*handle_tensor)(tflower_lower_ctx*, const tflower_value* handle, uint32_t part, const tflower_value** out) TFLOWER_NOEXCEPT;
  /* Bytes of a file of the model's assets folder, which a string constant names; valid until the callback returns. */
  tflower_status (*asset_data)(tflower_lower_ctx*, const tflower_value* name, tflower_bytes* out) TFLOWER_NOEXCEPT;
  /* As emit, for a CUSTOM operator whose kernel may not be installed here: then its results have the types given, num_outputs of them. */
  tflower_status (*emit_custom)(tflower_lower_ctx*, const tflower_operator* op, const tflower_type* types, const tflower_value** outputs) TFLOWER_NOEXCEPT;
  /* The node that a handle is of, with the attributes of its row (tflower_lowering.attrs), which is *row. */
  tflower_status (*handle_node)(tflower_lower_ctx*, const tflower_value* handle, const struct tflower_lowering** row, const tflower_node** node) TFLOWER_NOEXCEPT;
  /* The operator that gives a value, and which of its results it is; *op is NULL for constants and inputs of the graph. Rules only. */
  tflower_status (*producer)(tflower_lower_ctx*, const tflower_value* value, const tflower_operator** op, uint32_t* index) TFLOWER_NOEXCEPT;
  /* Graph `index` that an operator (one from the host) calls: condition and body of a WHILE. Its values are for looking at only; declines behind the last. */
  tflower_status (*subgraph)(tflower_lower_ctx*, const tflower_operator* op, uint32_t index, tflower_subgraph* out) TFLOWER_NOEXCEPT;
  /* A state operand (is_variable in the file) for one operator to be emitted, of the type of `initial`, which it holds at first. Reading it
   * behind that operator gives the state afterwards, if the reader has another operand that depends on a result of the operator. */
  tflower_status (*state)(tflower_lower_ctx*, const tflower_value* initial, uint32_t flags, const tflower_value** out) TFLOWER_NOEXCEPT;
  /* What the user chose for conversions ("rnn-state"); declines where nothing was. */
  tflower_status (*option)(tflower_lower_ctx*, tflower_str name, tflower_str* out) TFLOWER_NOEXCEPT;
  /* Emits a loop; outputs: what its variables are in the end. Lowerings, composite and loop rules only. */
  tflower_status (*loop)(tflower_lower_ctx*, const tflower_loop* loop, const tflower_value** outputs) TFLOWER_NOEXCEPT;
  /* Operator `index` of those that read a value, one for each operand; declines behind the last. In no order that lasts. Rules only. */
  tflower_status (*user)(tflower_lower_ctx*, const tflower_value* value, uint64_t index, const tflower_operator** op) TFLOWER_NOEXCEPT;
} tflower_lower_api;

struct tflower_lower_ctx {
  const tflower_lower_api* api;
};

/* ---- lowering rows: interface "tflower.lowerings/1" --------------------------------------------------------------- */

typedef struct tflower_attr_def {
  const char* name;
  uint32_t kind;
  uint32_t flags;              /* TFLOWER_ATTR_REQUIRED */
  int64_t int_default;         /* INT, BOOL, TYPE */
  double float_default;
  const char* string_default;
  const int64_t* ints_default; /* lists of INT, and SHAPE */
  uint32_t ints_default_count;
  uint32_t num_one_of;         /* STRING: allowed values; 0 = any */
  const char* one_of[6];
  const char* rule;            /* text of check, for the message: "must be [1, h, w, 1]" */
  int32_t (*check)(const tflower_attr*) TFLOWER_NOEXCEPT; /* non-zero = allowed; NULL = no check */
} tflower_attr_def;
#define TFLOWER_ATTR_REQUIRED 1u

typedef struct tflower_operand_def {
  uint64_t dtypes;  /* bit per TensorType; 0 = any */
  int32_t min_rank; /* inclusive */
  int32_t max_rank;
  uint32_t flags;
} tflower_operand_def;
#define TFLOWER_OPERAND_VARIADIC 1u /* this and all further inputs */
#define TFLOWER_OPERAND_CONSTANT 2u /* must be a constant */
#define TFLOWER_OPERAND_RESOURCE 4u /* takes a handle as it is; else a variable's handle is replaced by the variable's contents */
#define TFLOWER_OPERAND_WRITES 8u   /* with RESOURCE: what the handle stands for is changed */
#define TFLOWER_OPERAND_LIST 16u    /* takes a list */

/* What a TF op is to the walk over the graph. The host carries out all roles but PLAIN and HANDLE by itself; `lower` is NULL then. */
#define TFLOWER_ROLE_PLAIN 0u
#define TFLOWER_ROLE_FORWARD 1u      /* outputs are the inputs, whatever these are */
#define TFLOWER_ROLE_CONST 2u        /* attribute `value` */
#define TFLOWER_ROLE_PLACEHOLDER 3u  /* nothing but an input of a signature */
#define TFLOWER_ROLE_VARIABLE 4u     /* a variable's handle */
#define TFLOWER_ROLE_REF_VARIABLE 5u /* a variable that is read where it is used */
#define TFLOWER_ROLE_HANDLE 6u       /* another handle (table); lowered in each subgraph that asks for handle_tensor. Nodes with one shared_name are one */
#define TFLOWER_ROLE_CALL 7u         /* of the function in attribute `f` */
#define TFLOWER_ROLE_IF 8u           /* attributes then_branch, else_branch */
#define TFLOWER_ROLE_CASE 9u         /* attribute branches */
#define TFLOWER_ROLE_WHILE 10u       /* attributes cond, body */
#define TFLOWER_ROLE_NO_EFFECT 11u   /* without outputs, dropped with a line in the report (assertions, summaries) */
#define TFLOWER_ROLE_REFUSED 12u     /* not covered, and `refused` says why; any other row for the op goes before it */

typedef struct tflower_lowering {
  uint32_t struct_size;
  uint32_t role;                     /* TFLOWER_ROLE_* */
  const char* op;                    /* TF op name */
  const tflower_operand_def* inputs;
  uint32_t num_inputs;
  uint32_t num_attrs;
  const tflower_attr_def* attrs;     /* array of num_attrs structs, attr_def_size bytes each */
  uint32_t attr_def_size;
  uint32_t operand_def_size;
  const char* emits;                 /* space-separated operator names, "" = none */
  int32_t priority;                  /* higher wins; 0 = only when asked for by name */
  uint32_t num_outputs;              /* 0 = read from the node's attributes by the host (N, num_split, T lists) */
  const void* user;
  tflower_status (*lower)(const struct tflower_lowering* self, tflower_lower_ctx* ctx, const tflower_node* node) TFLOWER_NOEXCEPT; /* [convert] */
  const char* refused;               /* REFUSED: the reason, at most 255 bytes */
} tflower_lowering;

/* ---- rule rows: interface "tflower.rules/1" ----------------------------------------------------------------------- */

#define TFLOWER_RULE_PATTERN 1u   /* a DAG of operators is rewritten */
#define TFLOWER_RULE_COMPOSITE 2u /* a call of a function with this implements-name is lowered as a whole */
#define TFLOWER_RULE_LOOP 3u      /* a WHILE, just built, is ops[0] of the match: rewrite replaces all of its results, or declines and says why */

/* COMPOSITE: the functions' bodies are stand-ins, or random arguments mean nothing to them. Others are run, and compared with what the rule makes
 * of the call; the report has those that compute something else. */
#define TFLOWER_RULE_UNPROBED 1u

#define TFLOWER_PATTERN_CONSTANT 1u    /* the value must be a constant */
#define TFLOWER_PATTERN_COMMUTATIVE 2u /* its two inputs may be swapped */
#define TFLOWER_PATTERN_SINGLE_USE 4u  /* nobody else reads its output */
#define TFLOWER_PATTERN_STATE 8u       /* it may take a state; without this, operators that do never match: where states begin and are read is as their maker wanted it */

/* nodes[0] is the root. A node without op stands for any value. Two nodes with one name stand for the same value. */
typedef struct tflower_pattern_node {
  const char* op;    /* operator names separated by '|' ("ADD|SUB|CUSTOM:acme.Foo"); NULL = any value */
  const char* name;  /* capture name; NULL = none */
  uint32_t flags;
  uint32_t num_inputs;
  int32_t inputs[6]; /* indexes of nodes; -1 = whatever. Operands beyond num_inputs are not looked at. */
} tflower_pattern_node;

/* ops[i] / values[i] belong to pattern node i; ops[i] is NULL for plain values; values[i] = first output of ops[i]. */
typedef struct tflower_match {
  uint32_t struct_size;
  uint32_t count;
  const tflower_operator* const* ops;
  const tflower_value* const* values;
} tflower_match;

typedef struct tflower_rule {
  uint32_t struct_size;
  uint32_t kind;
  const char* id;
  int32_t benefit;           /* higher first; ties by id. Below 0: only once no other rule applies any more (expansions) */
  uint32_t num_nodes;
  const tflower_pattern_node* nodes; /* PATTERN */
  uint32_t pattern_node_size;
  uint32_t flags;            /* TFLOWER_RULE_UNPROBED; others 0 */
  const char* implements;    /* COMPOSITE. With '*' at its end it stands for every name that begins so and that no rule has in full */
  const char* emits;
  const void* user;
  tflower_status (*rewrite)(const struct tflower_rule* self, tflower_lower_ctx* ctx, const tflower_match* match) TFLOWER_NOEXCEPT;    /* PATTERN, LOOP [convert] */
  tflower_status (*lower_call)(const struct tflower_rule* self, tflower_lower_ctx* ctx, const tflower_node* call) TFLOWER_NOEXCEPT;   /* COMPOSITE [convert] */
  /* COMPOSITE: attributes that come with the implements-name when it is a NameAttrList, else those of the function, as in tflower_lowering. A call
   * whose attributes do not fit is not offered to the rule; the function may have others. */
  const tflower_attr_def* attrs;
  uint32_t num_attrs;
  uint32_t attr_def_size;
} tflower_rule;

/* ---- kernel rows: interface "tflower.kernels/1" ------------------------------------------------------------------- */

#define TFLOWER_TENSOR_CONSTANT 1u /* data never changes while the node lives */
#define TFLOWER_TENSOR_VARIABLE 2u
#define TFLOWER_TENSOR_DYNAMIC 4u  /* shape comes from resize_output in eval */

/* Dense row-major tensor. dims are >= 0. data is NULL in infer where contents are not known, and in prepare unless CONSTANT. */
typedef struct tflower_tensor {
  uint32_t struct_size;
  uint32_t flags;
  int32_t dtype;
  int32_t rank;
  const int64_t* dims;
  void* data;          /* 64-byte aligned, constants at least 16 */
  uint64_t size_bytes; /* of data; strings: TFLite's packed layout */
  const float* scale;
  const int64_t* zero_point;
  uint32_t quant_count;
  int32_t quant_axis;
} tflower_tensor;

typedef struct tflower_eval_ctx tflower_eval_ctx;

/* One operator with concrete shapes, as a kernel sees it. inputs[i] == NULL: absent optional operand. */
typedef struct tflower_op {
  uint32_t struct_size;
  int32_t code;
  int32_t version;
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t reserved;
  tflower_str custom_code;
  tflower_bytes options;
  const tflower_tensor* const* inputs;
  tflower_tensor* const* outputs; /* NULL in infer */
  /* Types and quantisation of what the operator computes on the way, where the model declares them (integer LSTM): no dims, no data. NULL
   * entry = absent. None in infer and where operators are folded. */
  const tflower_tensor* const* intermediates;
  uint32_t num_intermediates;
  uint32_t reserved2;
} tflower_op;

/* What prepare answers. The host gives `packed` and `scratch` memory (64-byte aligned) to eval. */
typedef struct tflower_prepared {
  uint32_t struct_size;
  uint32_t reserved;
  void* state;           /* the kernel's own; given back to release */
  uint64_t scratch_bytes;
  uint64_t packed_bytes; /* 0 = nothing to pack */
  uint64_t packed_key;   /* layouts of one operator's packed constants differ by key; packed once per key and model */
} tflower_prepared;

typedef struct tflower_eval_api {
  uint32_t struct_size;
  uint32_t abi_minor;
  /* As in tflower_lower_api; what = operand or option. Returns TFLOWER_ERROR. */
  tflower_status (*fail)(tflower_eval_ctx*, uint32_t code, tflower_str what, tflower_str message, tflower_str hint, tflower_str source) TFLOWER_NOEXCEPT;
  /* DYNAMIC outputs, in eval: sets the shape and (re)allocates; afterwards outputs[i] holds dims and data. bytes = 0 computes them from dtype and dims. */
  tflower_status (*resize_output)(tflower_eval_ctx*, uint32_t index, int32_t rank, const int64_t* dims, uint64_t bytes) TFLOWER_NOEXCEPT;
  /* See Parallel in parallel.h. Nested calls run inline. */
  void (*parallel_for)(tflower_eval_ctx*, int64_t n, int64_t grain, void (*body)(void* user, int64_t begin, int64_t end), void* user) TFLOWER_NOEXCEPT;
  /* An object that lives as long as the session and that all kernels reach which ask for the same `kind` ("acme.table") and id: made by
   * create when first asked for, deleted by destroy. For kernels with state, flagged IMPURE. Fails where there is no session (folding). */
  tflower_status (*session_object)(tflower_eval_ctx*, tflower_str kind, int64_t id, void* (*create)(void), void (*destroy)(void*), void** out) TFLOWER_NOEXCEPT;
} tflower_eval_api;

struct tflower_eval_ctx {
  const tflower_eval_api* api;
  int32_t threads; /* >= 1 */
  uint32_t reserved;
};

#define TFLOWER_KERNEL_VIEW 1u       /* output 0 has input 0's bytes: the host may alias them and skip eval */
#define TFLOWER_KERNEL_IMPURE 2u     /* random or stateful: never folded */
#define TFLOWER_KERNEL_IN_PLACE 4u   /* output 0 may share memory with any input of the same size */
#define TFLOWER_KERNEL_REFERENCE 8u  /* plain scalar specification: used when nothing better fits, and by tests */
#define TFLOWER_KERNEL_SHAPE_ONLY 16u /* eval reads only the shapes of its inputs (SHAPE, RANK): their data may be NULL */

typedef struct tflower_kernel {
  uint32_t struct_size;
  uint32_t flags;
  int32_t code;            /* BuiltinOperator; 32 = CUSTOM */
  int32_t min_version;
  int32_t max_version;
  int32_t priority;        /* higher first among rows that fit */
  const char* custom_code; /* CUSTOM only */
  uint64_t input_dtypes[8];  /* bit per TensorType, 0 = any; the eighth applies to all further inputs; absent operands fit */
  uint64_t output_dtypes[4];
  const void* user;
  /* Types of all outputs from types (and known contents) of inputs; checks the operator's contract. Pure. [any] */
  tflower_status (*infer)(const struct tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, tflower_type* outputs) TFLOWER_NOEXCEPT;
  /* Once per node and set of shapes. NULL = no state. [any] */
  tflower_status (*prepare)(const struct tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, tflower_prepared* out) TFLOWER_NOEXCEPT;
  /* Fills packed memory from constant operands. NULL = never packs. [any] */
  tflower_status (*pack)(const struct tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, void* state, void* packed) TFLOWER_NOEXCEPT;
  /* Computes. Loops only: allocates nothing; checks run-time values (indices, sizes, axes) before use. [eval] */
  tflower_status (*eval)(const struct tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, void* state, const void* packed, void* scratch) TFLOWER_NOEXCEPT;
  void (*release)(const struct tflower_kernel* self, void* state) TFLOWER_NOEXCEPT; /* [any] */
  /* Takes over `next`, the only reader of output 0 of op, which is next's operand `operand`: eval then computes both. Its op has op's
   * inputs, then next's other operands in their order, and next's outputs, which share no memory with an input. After prepare, before
   * pack; may be asked again with the operator behind. TFLOWER_DECLINED = no, and nothing has changed. NULL = never. [any] */
  tflower_status (*fuse)(const struct tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, void* state, const tflower_op* next, uint32_t operand) TFLOWER_NOEXCEPT;
} tflower_kernel;

/* ---- entry --------------------------------------------------------------------------------------------------------- */

typedef struct tflower_host {
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  tflower_str version; /* of the program, for messages */
  /* Optional host services by id ("org.acme.x/1"); NULL when the host has none of that name. */
  const void* (*get_interface)(const struct tflower_host*, const char* id) TFLOWER_NOEXCEPT;
} tflower_host;

typedef struct tflower_table {
  uint32_t struct_size;
  uint32_t count;
  const void* const* rows; /* pointers to tflower_lowering / tflower_rule / tflower_kernel; live as long as the process */
} tflower_table;

typedef struct tflower_plugin {
  uint32_t struct_size; /* preset by the host to what it can read; write no further */
  uint32_t abi_major;
  uint32_t abi_min;     /* lowest host minor that serves this plugin */
  uint32_t reserved;
  const char* id;       /* as in the manifest */
  const char* version;
  /* Fills *out for "tflower.lowerings/1", "tflower.rules/1", "tflower.kernels/1"; TFLOWER_DECLINED for ids it does not offer. [any] */
  tflower_status (*get_table)(const char* interface_id, tflower_table* out) TFLOWER_NOEXCEPT;
} tflower_plugin;

#define TFLOWER_LOWERINGS "tflower.lowerings/1"
#define TFLOWER_RULES "tflower.rules/1"
#define TFLOWER_KERNELS "tflower.kernels/1"

/* The only exported symbol. TFLOWER_ERROR when host->abi_major is not the plugin's. */
typedef tflower_status (*tflower_plugin_main_fn)(const tflower_host* host, tflower_plugin* out);
#define TFLOWER_PLUGIN_MAIN "tflower_plugin_main"

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* TFLOWER_ABI_H */
