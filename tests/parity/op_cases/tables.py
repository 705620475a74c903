"""Tables, vocabulary files, strings."""

import atexit
import shutil
import tempfile

import tensorflow as tf

from .table import B, I, S, case

raw = tf.raw_ops
KEYS = I(0, 6, B, 3, dtype=tf.int64)
WORDS = ["a", "bb", "", "quick"]
WHOLE, NUMBER = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER


def static(keys, key_type, values, value_type, default):
    def make():
        initializer = tf.lookup.KeyValueTensorInitializer(keys, values, key_type, value_type)
        return tf.lookup.StaticHashTable(initializer, default)
    return make


def file_of(text):
    """A vocabulary file; the saved model has a copy of it among its assets."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = f"{folder}/vocabulary.txt"
    with open(path, "wb") as file:
        file.write(text)
    return path


def vocabulary(text, key_type, key_index, value_type, value_index, default, **options):
    def make():
        initializer = tf.lookup.TextFileInitializer(file_of(text), key_type, key_index, value_type, value_index, **options)
        return tf.lookup.StaticHashTable(initializer, default)
    return make


def look_up(table, keys):
    return table.lookup(keys)


LINES = b"a\nbb\r\nqu\rick\nquick"
COLUMNS = b"a\t10\tx\nbb\t-20\ty\nquick\t 30\tz\n"

TABLES = [
    case("table_string_int64", look_up, S(B, 3), state=static(WORDS, tf.string, [5, -6, 7, 2**40], tf.int64, -1)),
    case("table_int64_string", look_up, KEYS, state=static([1, 2, 5], tf.int64, ["x", "", "zzz"], tf.string, "?")),
    case("table_size", lambda table, keys: {"values": table.lookup(keys), "size": table.size()}, KEYS,
         state=static([1, 2, 5], tf.int64, ["x", "", "zzz"], tf.string, "?")),
    case("table_string_string", look_up, S(B, 3), state=static(WORDS, tf.string, ["x", "", "zzz", "0"], tf.string, "?")),
    case("table_string_int32", look_up, S(B, 3), state=static(WORDS, tf.string, [5, -6, 7, 8], tf.int32, -1)),
    case("table_string_bool", look_up, S(B, 3), state=static(WORDS, tf.string, [True, False, True, False], tf.bool, False)),
    case("table_string_float", look_up, S(B, 3), state=static(WORDS, tf.string, [0.5, -1.5, 3e-20, 7.25], tf.float32, -1.0)),
    case("table_int64_double", look_up, KEYS, state=static([1, 2, 5], tf.int64, [0.1, -0.0, 1e300], tf.float64, float("nan"))),
    case("table_int64_int64", look_up, KEYS, state=static([1, 2, 5], tf.int64, [2**40, 0, -7], tf.int64, -1)),
    case("table_int32_string", look_up, I(0, 6, B), state=static([1, 2, 5], tf.int32, ["x", "", "zzz"], tf.string, "?")),
    case("table_int32_int32", look_up, I(0, 6, B), state=static([1, 2, 5], tf.int32, [8, 9, 10], tf.int32, -1)),
    case("table_lines", look_up, S(B, 3), state=vocabulary(LINES, tf.string, WHOLE, tf.int64, NUMBER, -1)),
    case("table_lines_first", look_up, S(B, 3), state=vocabulary(LINES, tf.string, WHOLE, tf.int64, NUMBER, -1, vocab_size=2)),
    case("table_lines_inverse", look_up, KEYS, state=vocabulary(LINES, tf.int64, NUMBER, tf.string, WHOLE, "?", value_index_offset=2)),
    case("table_columns", look_up, S(B, 3), state=vocabulary(COLUMNS, tf.string, 0, tf.int64, 1, -1)),
    case("table_columns_spaces", look_up, S(B, 3), state=vocabulary(b"a one\nbb two\n", tf.string, 0, tf.string, 1, "?", delimiter=" ")),
    case("table_unknown_word", lambda table, words: table.lookup(words), S(B, 3),
         state=lambda: tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(WORDS[:3], [0, 1, 2], tf.string, tf.int64), 1)),
    case("table_of_table", lambda tables, words: tables[1].lookup(tables[0].lookup(words)), S(B, 3), state=lambda: [
        static(WORDS, tf.string, [0, 1, 2, 3], tf.int64, -1)(), static([0, 1, 3], tf.int64, ["x", "y", "z"], tf.string, "?")()]),
    case("table_in_branch", lambda table, words: tf.cond(tf.shape(words)[0] > 1, lambda: table.lookup(words), lambda: -table.lookup(words)), S(B, 3),
         state=static(WORDS, tf.string, [1, 2, 3, 4], tf.int64, -1)),
    case("table_and_variable", lambda state, words: {"sum": state[1].assign_add(tf.reduce_sum(state[0].lookup(words))) * 2}, S(2, 3),
         state=lambda: [static(WORDS, tf.string, [1, 2, 3, 4], tf.int64, -1)(), tf.Variable(10, dtype=tf.int64)]),
]

STRINGS = [
    case("string_gather", lambda x, i: tf.gather(x, i), S(5), I(0, 5, B, 2)),
    case("string_gather_rows", lambda x, i: tf.gather(x, i, axis=1), S(B, 5), I(0, 5, 3)),
    case("string_gather_nd", lambda x, i: tf.gather_nd(x, i), S(3, 4), I(0, 3, B, 2)),
    case("string_slice", lambda x: tf.slice(x, [0, 1], [-1, 2]), S(B, 4)),
    case("string_strided_slice", lambda x: {"row": x[-1], "back": x[:, ::-2]}, S(B, 4)),
    case("string_tile", lambda x: tf.tile(x, [2, 1]), S(B, 3)),
    case("string_fill", lambda x: tf.fill([2, 3], x), S()),
    case("string_equal", lambda x, y: {"equal": tf.equal(x, y), "not": tf.not_equal(x, "bb")}, S(B, 3), S(3)),
    case("string_reshape", lambda x: {"flat": tf.reshape(x, [-1]), "wide": x[:, None], "shape": tf.shape(x)}, S(B, 3)),
    case("string_squeeze", lambda x: tf.squeeze(x, 1), S(B, 1)),
    case("string_constants", lambda x: tf.gather(tf.reshape(tf.constant([["x", "yy"], ["", "z"]]), [-1]), x), I(0, 4, B)),
    case("string_loop", lambda x: tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, tf.tile(s, [1])), [0, x])[1], S(4)),
    case("string_branch", lambda x, c: tf.cond(c > 0, lambda: x, lambda: tf.tile(x[:1], [4])), S(4), I(0, 2)),
]

CASES = TABLES + STRINGS
