"""Dense layers, batched products and einsum forms."""

import tensorflow as tf

from .table import B, W, X, case


def heads(equation, *shape):
    return lambda x: tf.einsum(equation, x, W(*shape))


def attention(q, k, v):
    scores = tf.matmul(q, k, transpose_b=True) * 0.35
    return tf.matmul(tf.nn.softmax(scores), v)


CASES = [
    case("matmul", lambda x: tf.matmul(x, W(6, 5)), X(B, 6)),
    case("matmul_transpose_b", lambda x: tf.matmul(x, W(5, 6), transpose_b=True), X(B, 6)),
    case("matmul_transpose_a", lambda x: tf.matmul(x, W(4, 5), transpose_a=True), X(4, 6)),
    case("matmul_bias", lambda x: tf.nn.bias_add(tf.matmul(x, W(6, 5)), W(5)), X(B, 6)),
    case("matmul_bias_relu", lambda x: tf.nn.relu(tf.matmul(x, W(6, 5)) + W(5)), X(B, 6)),
    case("matmul_bias_relu6", lambda x: tf.nn.relu6(tf.matmul(x, W(6, 5)) + W(5)), X(B, 6)),
    case("matmul_mul_add", lambda x: tf.matmul(x, W(6, 5)) * W(5) + W(5, seed=1), X(B, 6)),
    case("matmul_computed", lambda x, y: tf.matmul(x, y), X(3, 6), X(6, 4)),
    case("matmul_constant_left", lambda x: tf.matmul(W(3, 6), x), X(6, 4)),
    case("dense_3d", lambda x: tf.nn.bias_add(tf.tensordot(x, W(6, 5), 1), W(5)), X(B, 7, 6)),
    case("tensordot_two_axes", lambda x: tf.tensordot(x, W(7, 6, 5), [[1, 2], [0, 1]]), X(B, 7, 6)),
    case("tensordot_first_axis", lambda x: tf.tensordot(x, W(7, 5), [[1], [0]]), X(B, 7, 6)),
    case("matmul_batched_constant", lambda x: tf.matmul(x, W(6, 5)), X(B, 7, 6)),
    case("batch_matmul", lambda x, y: tf.matmul(x, y), X(B, 4, 6), X(B, 6, 5)),
    case("batch_matmul_adjoint", lambda x, y: tf.matmul(x, y, transpose_b=True), X(B, 4, 6), X(B, 5, 6)),
    case("batch_matmul_transpose_a", lambda x, y: tf.matmul(x, y, transpose_a=True), X(B, 6, 4), X(B, 6, 5)),
    case("batch_matmul_of_transposed", lambda x, y: tf.matmul(x, tf.transpose(y, [0, 2, 1])), X(B, 4, 6), X(B, 5, 6)),
    case("batch_matmul_transposed_twice", lambda x, y: tf.matmul(tf.transpose(x, [0, 2, 1]), tf.transpose(y, [0, 2, 1]), transpose_b=True),
         X(B, 6, 4), X(B, 6, 5)),
    case("batch_matmul_4d", lambda x, y: tf.matmul(x, y), X(B, 3, 4, 6), X(B, 3, 6, 5)),
    case("batch_matmul_broadcast", lambda x, y: tf.matmul(x, y), X(B, 3, 4, 6), X(3, 6, 5)),
    case("batch_matmul_vector", lambda x: tf.linalg.matvec(x, W(6)), X(B, 4, 6)),
    case("attention", attention, X(B, 2, 5, 8), X(B, 2, 7, 8), X(B, 2, 7, 8)),
    case("einsum_dense", heads("ab,bc->ac", 6, 5), X(B, 6)),
    case("einsum_dense_3d", heads("abc,cd->abd", 6, 5), X(B, 4, 6)),
    case("einsum_project_heads", heads("abc,cde->abde", 6, 2, 3), X(B, 4, 6)),
    case("einsum_merge_heads", heads("abcd,cde->abe", 2, 3, 6), X(B, 4, 2, 3)),
    case("einsum_scores_keras3", lambda q, k: tf.einsum("BTNH,BSNH->BNTS", q, k), X(B, 4, 2, 3), X(B, 5, 2, 3)),
    case("einsum_scores_tf_keras", lambda q, k: tf.einsum("aecd,abcd->acbe", q, k), X(B, 4, 2, 3), X(B, 5, 2, 3)),
    case("einsum_values_keras3", lambda s, v: tf.einsum("BNTS,BSNH->BTNH", s, v), X(B, 2, 4, 5), X(B, 5, 2, 3)),
    case("einsum_values_tf_keras", lambda s, v: tf.einsum("acbe,aecd->abcd", s, v), X(B, 2, 4, 5), X(B, 5, 2, 3)),
    case("einsum_batch", lambda x, y: tf.einsum("bij,bjk->bik", x, y), X(B, 3, 4), X(B, 4, 5)),
    case("einsum_transposed_out", lambda x, y: tf.einsum("bij,bjk->bki", x, y), X(B, 3, 4), X(B, 4, 5)),
    case("einsum_inner", lambda x, y: tf.einsum("bi,bi->b", x, y), X(B, 6), X(B, 6)),
    case("einsum_outer", lambda x, y: tf.einsum("bi,bj->bij", x, y), X(B, 3), X(B, 4)),
    case("einsum_sum_axis", lambda x: tf.einsum("bij->bj", x), X(B, 3, 4)),
    case("einsum_transpose", lambda x: tf.einsum("bij->bji", x), X(B, 3, 4)),
    case("einsum_ellipsis", heads("...c,cd->...d", 4, 5), X(B, 3, 4)),
    case("einsum_ellipsis_batch", lambda x, y: tf.einsum("...ij,...jk->...ik", x, y), X(B, 2, 3, 4), X(B, 2, 4, 5)),
    case("einsum_elementwise", lambda x, y: tf.einsum("bij,bj->bij", x, y), X(B, 3, 4), X(B, 4)),
]
