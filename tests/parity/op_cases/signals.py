"""Fourier transforms and spectra, buckets and sorted search, simulated quantisation."""

import tensorflow as tf

from .table import B, H, I, P, W, X, case

raw = tf.raw_ops


def stft(length, step, fft_length):
    return lambda x: tf.abs(tf.signal.stft(x, length, step, fft_length))


def log_mel(x):
    """What keyword spotters do before their first layer."""
    power = tf.abs(tf.signal.stft(x, 128, 64, 128)) ** 2
    return tf.math.log(tf.tensordot(power, tf.abs(W(65, 10)), 1) + 1e-6)


def parts(x):
    y = tf.signal.rfft(x)
    return [tf.math.real(y), tf.math.imag(y), tf.abs(y)]


def keywords(x):
    """What the speech_commands models do before their first layer."""
    spectrogram = raw.AudioSpectrogram(input=x, window_size=480, stride=160, magnitude_squared=True)
    return [spectrogram, raw.Mfcc(spectrogram=spectrogram, sample_rate=16000)]


CASES = [
    case("audio_mfcc", keywords, X(1600, 1)),
    case("audio_spectrogram", lambda x: raw.AudioSpectrogram(input=x, window_size=256, stride=100), X(1000, 2)),
    case("audio_mfcc_bands", lambda x: raw.Mfcc(spectrogram=x, sample_rate=8000, upper_frequency_limit=3800, lower_frequency_limit=0, filterbank_channel_count=20,
                                                dct_coefficient_count=20), P(1, B, 65)),
    case("rfft_abs", lambda x: tf.abs(tf.signal.rfft(x)), X(B, 64)),
    case("rfft_parts", parts, X(B, 3, 16)),
    case("rfft_padded", lambda x: tf.abs(tf.signal.rfft(x, [32])), X(B, 20)),
    case("rfft_cut", lambda x: tf.abs(tf.signal.rfft(x, [16])), X(B, 20)),
    case("rfft_one", lambda x: tf.math.real(tf.signal.rfft(x, [1])), X(B, 3)),
    case("rfft_angle", lambda x: tf.math.angle(tf.signal.rfft(x)) * tf.constant([0.0] + [1.0] * 15 + [0.0]), X(B, 32)),
    case("rfft2d_abs", lambda x: tf.abs(tf.signal.rfft2d(x)), X(B, 8, 16)),
    case("rfft2d_padded", lambda x: tf.abs(tf.signal.rfft2d(x, [16, 8])), X(B, 9, 11)),
    case("stft", stft(64, 32, 64), X(B, 320)),
    case("stft_padded_window", stft(40, 20, 64), X(B, 320)),
    case("log_mel", log_mel, X(B, 640)),
    case("bucketize", lambda x: raw.Bucketize(input=x, boundaries=[-1.0, 0.0, 0.5, 2.0]), H(B, 9)),
    case("bucketize_int", lambda x: raw.Bucketize(input=x, boundaries=[-1.0, 2.0, 2.5]), I(-4, 5, B, 9)),
    case("searchsorted_left", lambda x: tf.searchsorted(tf.constant([-1.0, 0.0, 0.5, 0.5, 2.0]), tf.reshape(x, [-1])), H(4, 5)),
    case("searchsorted_right", lambda s, x: tf.searchsorted(tf.cumsum(s, 1), x, side="right"), P(B, 7), P(B, 5)),
    case("searchsorted_int64", lambda x: tf.searchsorted(tf.constant([[1, 3, 3, 7]], tf.int64), x, out_type=tf.int64), I(0, 9, 1, 6, dtype=tf.int64)),
    case("fake_quant", lambda x: tf.quantization.fake_quant_with_min_max_args(x, -1.3, 2.1), X(B, 3, 5)),
    case("quantized_range_found", lambda x: raw.QuantizeAndDequantizeV4(input=x, input_min=0.0, input_max=0.0), X(3, 20)),
    case("quantized_unsigned", lambda x: raw.QuantizeAndDequantizeV2(input=x, input_min=0.0, input_max=1.1, signed_input=False, range_given=True,
                                                                     round_mode="HALF_UP"), X(B, 20)),
    case("quantized_channels", lambda x: raw.QuantizeAndDequantizeV3(input=x, input_min=[-1.0, -2.0, -0.5], input_max=[1.0, 1.0, 2.0], num_bits=6, axis=1,
                                                                     narrow_range=True), X(B, 3, 5)),
    case("quantized_v3", lambda x: raw.QuantizeAndDequantizeV3(input=x, input_min=-1.0, input_max=1.5, num_bits=4), X(B, 20)),
    case("fake_quant_narrow", lambda x: tf.quantization.fake_quant_with_min_max_vars(x, -1.0, 1.5, 4, True), X(B, 3, 5)),
    case("fake_quant_channels", lambda x: tf.quantization.fake_quant_with_min_max_vars_per_channel(x, [-1.0, -2.0, -0.5], [1.0, 0.5, 3.0]), X(B, 5, 3)),
]
