"""Whole networks made with Keras 3 or tf_keras: classifiers, U-Net, keyword spotters, MLP, transformer encoder.

Every builder takes the Keras module (`keras` or `tf_keras`), so that both exporters see the same architecture.
"""

import numpy as np


def randomise(model, example, seed=7):
    """Makes every weight matter: random biases, scales and offsets, and batch-norm statistics near those of `example`.

    With statistics that have nothing to do with the data, a deep network forgets its input: a constant would pass for its output.
    """
    rng = np.random.default_rng(seed)
    draw = {
        "gamma": lambda old: rng.uniform(0.7, 1.3, old.shape),
        "beta": lambda old: rng.normal(0, 0.2, old.shape),
        "bias": lambda old: rng.normal(0, 0.1, old.shape),
        "embeddings": lambda old: rng.normal(0, 1, old.shape),
    }
    _assign(model, draw)
    layers = [layer for layer in model._flatten_layers() if type(layer).__name__ == "BatchNormalization"]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0  # one training step then leaves exactly the example's statistics
    if layers:
        model(example, training=True)
    for layer, momentum in zip(layers, momenta):
        layer.momentum = momentum
    _assign(model, {
        "moving_mean": lambda old: old + rng.normal(0, 0.1, old.shape),
        "moving_variance": lambda old: old * rng.uniform(0.7, 1.4, old.shape) + 1e-3,
    })
    _spread_logits(model, example)


def _spread_logits(model, example):
    """Scales and centres the last dense layer, so that its softmax neither saturates nor gives all inputs the same.

    What all inputs share is subtracted by the bias; that, and the largest logit, stay small (some units of the softmax's
    argument), because their rounding errors are in the result: the reference's as much as the tested program's.
    """
    last = [layer for layer in model.layers if getattr(layer, "kernel", None) is not None][-1]
    kernel = np.array(last.kernel)
    features = np.array(type(model)(model.inputs, last.input)(example, training=False))
    if not last.use_bias or kernel.size != kernel.shape[-1] * features.shape[-1]:
        return
    logits = features.reshape(-1, features.shape[-1]) @ kernel.reshape(-1, kernel.shape[-1])
    mean = logits.mean(0)
    scale = min(1.5 / logits.std(0).mean(), 6 / (mean - mean.mean()).std(), 2 / np.abs(logits - mean).max())
    last.kernel.assign((kernel * scale).astype("float32"))
    last.bias.assign((np.array(last.bias) - mean * scale).astype("float32"))


def _assign(model, draw):
    """Replaces each weight whose last name is in `draw` by draw[name](old value)."""
    for weight in model.weights:
        name = getattr(weight, "path", weight.name).split("/")[-1].split(":")[0]
        if name in draw:
            weight.assign(draw[name](np.array(weight)).astype("float32"))


def application(class_name):
    def build(keras):
        return getattr(keras.applications, class_name)(weights=None)

    return build


def unet(keras, size=128, base=32, depth=4):
    """Transposed-convolution U-Net with skip concatenation and a softmax over four classes."""
    layers = keras.layers

    def double_conv(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        return x

    image = keras.Input((size, size, 3), name="image")
    x, skips = image, []
    for level in range(depth):
        x = double_conv(x, base << level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = double_conv(x, base << depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base << level, 2, strides=2, padding="same")(x)
        x = layers.Concatenate()([skips[level], x])
        x = double_conv(x, base << level)
    return keras.Model(image, layers.Conv2D(4, 1, activation="softmax")(x), name="unet")


def kws_dscnn(keras):
    """Depthwise-separable keyword spotter over 49 x 10 MFCC frames."""
    layers = keras.layers
    mfcc = keras.Input((49, 10, 1), name="mfcc")
    x = layers.Conv2D(64, (10, 4), strides=2, padding="same", use_bias=False)(mfcc)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for _ in range(4):
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Conv2D(64, 1, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(mfcc, layers.Dense(12, activation="softmax")(x), name="kws_dscnn")


def kws_conv1d(keras):
    """One-dimensional keyword spotter: strided, separable and dilated Conv1D over a raw waveform."""
    layers = keras.layers
    audio = keras.Input((4000, 1), name="audio")
    x = layers.Conv1D(32, 40, strides=10, padding="same", use_bias=False)(audio)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (48, 64, 64):
        x = layers.SeparableConv1D(filters, 9, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling1D(2)(x)
    x = layers.Conv1D(64, 3, dilation_rate=2, padding="same", activation="relu")(x)
    x = layers.Conv1D(64, 3, dilation_rate=4, padding="causal", activation="tanh")(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(audio, layers.Dense(12, activation="softmax")(x), name="kws_conv1d")


def mlp(keras):
    layers = keras.layers
    features = keras.Input((28, 28), name="features")
    x = layers.Flatten()(features)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dense(128, use_bias=False)(x)
    x = layers.LeakyReLU(0.1)(layers.BatchNormalization()(x))
    x = layers.Dropout(0.5)(x)
    return keras.Model(features, layers.Dense(10, activation="softmax")(x), name="mlp")


def transformer(keras, blocks=4, width=256, heads=8, hidden=1024, length=128, vocabulary=1000):
    """Pre-norm encoder: token and learned position embedding, attention, gelu feed-forward, mean pooling."""
    layers = keras.layers
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    x = layers.Embedding(vocabulary, width)(tokens)
    x = position_table(keras, length, width)(x)
    for _ in range(blocks):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.MultiHeadAttention(heads, width // heads)(y, y)
        x = layers.Add()([x, y])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(hidden, activation="gelu")(y)
        y = layers.Dense(width)(y)
        x = layers.Add()([x, y])
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(tokens, layers.Dense(8)(x), name="transformer")


def transformer_masked(keras):
    """Post-norm encoder block whose attention is masked from the token ids (mask_zero)."""
    layers = keras.layers
    tokens = keras.Input((24,), dtype="int32", name="tokens")
    x = layers.Embedding(50, 32, mask_zero=True)(tokens)
    y = layers.MultiHeadAttention(4, 8)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    y = layers.Dense(32)(layers.Dense(64, activation="gelu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    return keras.Model(tokens, layers.Dense(5, activation="softmax")(x), name="transformer_masked")


def vit_tiny(keras, size=64, patch=8, width=64, blocks=2):
    """Vision transformer: patch convolution, Reshape, position embedding, two encoder blocks."""
    layers = keras.layers
    image = keras.Input((size, size, 3), name="image")
    x = layers.Conv2D(width, patch, strides=patch)(image)
    count = (size // patch) ** 2
    x = layers.Reshape((count, width))(x)
    x = position_table(keras, count, width)(x)
    for _ in range(blocks):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.MultiHeadAttention(4, width // 4)(y, y)
        x = layers.Add()([x, y])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(y))
        x = layers.Add()([x, y])
    x = layers.Flatten()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(image, layers.Dense(10)(x), name="vit_tiny")


def position_table(keras, length, width):
    """Layer that adds a learned [length, width] table to every sequence of the batch."""

    class PositionTable(keras.layers.Layer):
        def build(self, _):
            self.table = self.add_weight(shape=(length, width), initializer="random_normal", name="table")

        def call(self, x):
            return x + self.table

    return PositionTable()


def conv1d_net(keras):
    layers = keras.layers
    series = keras.Input((64, 8), name="series")
    x = layers.Conv1D(16, 5, padding="same", activation="relu")(series)
    x = layers.AveragePooling1D(2)(x)
    x = layers.DepthwiseConv1D(3, padding="same", depth_multiplier=2)(x)
    x = layers.UpSampling1D(2)(layers.ZeroPadding1D(1)(x))
    x = layers.Conv1D(24, 3, dilation_rate=2)(x)
    x = layers.Conv1DTranspose(12, 4, strides=2, padding="same")(x)
    x = layers.Cropping1D(2)(layers.ELU()(x))
    return keras.Model(series, layers.GlobalMaxPooling1D()(x), name="conv1d_net")


def segmenter_head(keras):
    """Small backbone, image pooling branch, bilinear up-sampling and a per-pixel softmax."""
    layers = keras.layers
    image = keras.Input((64, 64, 3), name="image")
    low = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(low)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    atrous = [layers.Conv2D(16, 3, dilation_rate=rate, padding="same", activation="relu")(x) for rate in (1, 2, 4)]
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(x)
    pooled = layers.Conv2D(16, 1, activation="relu")(pooled)
    pooled = layers.UpSampling2D((16, 16), interpolation="bilinear")(pooled)
    x = layers.Concatenate()(atrous + [pooled])
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Concatenate()([x, low])
    x = layers.Conv2D(5, 1)(x)
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    return keras.Model(image, layers.Softmax()(x), name="segmenter_head")


def batch_norm_first(keras):
    """Normalisation before convolution, depthwise convolution and dense: folds forward where padding allows."""
    layers = keras.layers
    image = keras.Input((16, 16, 6), name="image")
    x = layers.Conv2D(8, 3, padding="valid")(layers.BatchNormalization()(image))
    x = layers.DepthwiseConv2D(3, padding="valid")(layers.BatchNormalization()(x))
    x = layers.Conv2D(8, 3, padding="same")(layers.BatchNormalization()(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(4, 1)(layers.BatchNormalization()(x))
    x = layers.Flatten()(x)
    return keras.Model(image, layers.Dense(7)(layers.BatchNormalization()(x)), name="batch_norm_first")


def transposed_conv_bn(keras):
    layers = keras.layers
    image = keras.Input((8, 8, 4), name="image")
    x = layers.Conv2DTranspose(8, 3, strides=2, padding="same", use_bias=False)(image)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(6, 4, strides=2, padding="valid")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2DTranspose(3, 3, strides=1, padding="same", activation="tanh")(x)
    return keras.Model(image, x, name="transposed_conv_bn")


def group_conv(keras):
    layers = keras.layers
    image = keras.Input((12, 12, 8), name="image")
    x = layers.Conv2D(16, 3, groups=4, padding="same", activation="relu")(image)
    x = layers.Conv2D(16, 3, groups=16, padding="same")(x)
    x = layers.Conv2D(8, 1, groups=2)(layers.BatchNormalization()(x))
    return keras.Model(image, x, name="group_conv")


def norms(keras):
    """Layer normalisation over one and several axes, group and unit normalisation."""
    layers = keras.layers
    image = keras.Input((6, 8, 16), name="image")
    x = layers.LayerNormalization(epsilon=1e-3)(image)
    x = layers.LayerNormalization(axis=(2, 3), epsilon=1e-5)(x)
    x = layers.GroupNormalization(4)(x)
    x = layers.LayerNormalization(scale=False, center=False)(layers.Conv2D(8, 3)(x))
    x = layers.UnitNormalization()(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(3)(x), name="norms")


def activations(keras):
    """One branch for each activation of the Keras catalogue, after a convolution."""
    layers = keras.layers
    image = keras.Input((8, 8, 4), name="image")
    names = ["relu", "relu6", "tanh", "sigmoid", "swish", "gelu", "elu", "selu", "softplus", "softsign",
             "hard_sigmoid", "exponential", "mish", "leaky_relu", "hard_silu"]
    available = [name for name in names if hasattr(keras.activations, name)]
    branches = [layers.Conv2D(4, 1, activation=name)(image) for name in available]
    branches.append(layers.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform")(image))
    branches.append(layers.ReLU(max_value=1.0, negative_slope=0.0)(image))
    branches.append(layers.ReLU(max_value=4.0, negative_slope=0.2, threshold=0.5)(image))
    return keras.Model(image, layers.Concatenate()(branches), name="activations")


def preprocessed(keras):
    """Rescaling and normalisation in front, squeeze-and-excite, two inputs and two outputs."""
    layers = keras.layers
    image = keras.Input((20, 20, 3), name="image")
    extra = keras.Input((5,), name="extra")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 1.0, 2.0])(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="swish")(x)
    squeeze = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    squeeze = layers.Conv2D(2, 1, activation="relu")(squeeze)
    x = layers.Multiply()([x, layers.Conv2D(8, 1, activation="sigmoid")(squeeze)])
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
    x = layers.Cropping2D(((0, 1), (1, 0)))(layers.AveragePooling2D(3, strides=1, padding="same")(x))
    flat = layers.Concatenate()([layers.Flatten()(x), extra])
    score = layers.Dense(1, activation="sigmoid", name="score")(flat)
    classes = layers.Dense(4, activation="softmax", name="classes")(flat)
    return keras.Model({"image": image, "extra": extra}, {"score": score, "classes": classes}, name="preprocessed")


def any_size(keras):
    """Fully convolutional: height and width unknown besides the batch."""
    layers = keras.layers
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.DepthwiseConv2D(3, padding="same")(layers.BatchNormalization()(x))
    return keras.Model(image, layers.GlobalAveragePooling2D()(layers.Conv2D(5, 1)(x)), name="any_size")


NETWORKS = {
    "mobilenetv2": application("MobileNetV2"),
    "mobilenetv3small": application("MobileNetV3Small"),
    "resnet50": application("ResNet50"),
    "efficientnetb0": application("EfficientNetB0"),
    "inceptionv3": application("InceptionV3"),
    "densenet121": application("DenseNet121"),
    "unet": unet,
    "transformer4": transformer,
    "kws_dscnn": kws_dscnn,
    "kws_conv1d": kws_conv1d,
    "mlp": mlp,
    "transformer_masked": transformer_masked,
    "vit_tiny": vit_tiny,
    "conv1d_net": conv1d_net,
    "segmenter_head": segmenter_head,
    "batch_norm_first": batch_norm_first,
    "transposed_conv_bn": transposed_conv_bn,
    "group_conv": group_conv,
    "norms": norms,
    "activations": activations,
    "preprocessed": preprocessed,
    "any_size": any_size,
}
