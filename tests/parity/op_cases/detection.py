"""What detectors do behind and in front of their network: suppression, crops, patches, resampling, colours."""

import tensorflow as tf

from .table import B, I, P, U, X, Input, case

raw = tf.raw_ops
IMAGE = X(B, 9, 11, 3)


def corners(rng, shape):
    """Boxes [y1, x1, y2, x2] around a few centres, so that many overlap."""
    centre = rng.integers(0, 3, shape[:-1] + [2]) / 2
    size = rng.uniform(0.2, 0.6, shape[:-1] + [2])
    centre = centre + rng.normal(0, 0.05, centre.shape)
    return tf.concat([centre - size / 2, centre + size / 2], -1).numpy()


BOXES = Input((40, 4), tf.float32, corners)
CROPS = Input((5, 4), tf.float32, lambda rng, s: rng.uniform(-0.2, 1.2, s))
SCORES = Input((40,), tf.float32, lambda rng, s: rng.permutation(40) / 40)
COLOURS = Input((B, 4, 5, 3), tf.float32, lambda rng, s: rng.integers(0, 5, s) / 4)
nms = tf.image.non_max_suppression

SUPPRESSION = [
    case("nms", lambda b, s: nms(b, s, 10, 0.5, 0.3), BOXES, SCORES),
    case("nms_no_score", lambda b, s: nms(b, s, 40, 0.3), BOXES, SCORES),
    case("nms_gathered", lambda b, s: tf.gather(b, nms(b, s, 10, 0.5, 0.3)), BOXES, SCORES),
    case("nms_padded", lambda b, s: list(raw.NonMaxSuppressionV4(boxes=b, scores=s, max_output_size=20, iou_threshold=0.4, score_threshold=0.2,
                                                                pad_to_max_output_size=True)), BOXES, SCORES),
    case("nms_counted", lambda b, s: list(raw.NonMaxSuppressionV4(boxes=b, scores=s, max_output_size=20, iou_threshold=0.4, score_threshold=0.2)),
         BOXES, SCORES),
    case("nms_computed_count", lambda b, s, n: nms(b, s, n, 0.5), BOXES, SCORES, I(3, 12)),
    case("nms_soft", lambda b, s: list(tf.image.non_max_suppression_with_scores(b, s, 15, 0.9, 0.1, 0.5)), BOXES, SCORES),
    case("nms_soft_padded", lambda b, s: list(raw.NonMaxSuppressionV5(boxes=b, scores=s, max_output_size=15, iou_threshold=0.9, score_threshold=0.1,
                                                                     soft_nms_sigma=0.5, pad_to_max_output_size=True)), BOXES, SCORES),
    case("nms_v2", lambda b, s: raw.NonMaxSuppressionV2(boxes=b, scores=s, max_output_size=7, iou_threshold=0.4), BOXES, SCORES),
]

COMBINED_SCORES = Input((2, 40, 3), tf.float32, lambda rng, s: rng.permutation(240).reshape(s) / 240)
MANY_BOXES = Input((2, 40, 1, 4), tf.float32, corners)


def combined(per_class, total, **options):
    return lambda b, s: list(tf.image.combined_non_max_suppression(b, s, per_class, total, 0.4, 0.3, **options))


SUPPRESSION += [
    case("nms_combined", combined(5, 10), MANY_BOXES, COMBINED_SCORES),
    case("nms_combined_padded", combined(4, 100, clip_boxes=False), MANY_BOXES, COMBINED_SCORES),
    case("nms_combined_per_class", combined(4, 100, pad_per_class=True), Input((2, 40, 3, 4), tf.float32, corners), COMBINED_SCORES),
]

TRANSFORMS = [[0.9, 0.2, -0.5, -0.1, 1.1, 0.3, 0.01, -0.01], [1.0, 0.0, 6.3, 0.0, 1.0, -7.2, 0.0, 0.0]]


def projected(interpolation, fill_mode):
    return lambda x: raw.ImageProjectiveTransformV3(images=x, transforms=TRANSFORMS, output_shape=[6, 7], interpolation=interpolation, fill_mode=fill_mode,
                                                    fill_value=1.5)


PROJECTIONS = [
    case("projective_bilinear", projected("BILINEAR", "CONSTANT"), X(2, 8, 9, 3)),
    case("projective_nearest", projected("NEAREST", "CONSTANT"), I(0, 255, 2, 8, 9, 3, dtype=tf.uint8)),
    case("projective_reflect", projected("BILINEAR", "REFLECT"), X(2, 8, 9, 3)),
    case("projective_wrap", projected("BILINEAR", "WRAP"), X(2, 8, 9, 3)),
]

PATCHES = [
    case("volume_patches", lambda x: raw.ExtractVolumePatches(input=x, ksizes=[1, 3, 2, 2, 1], strides=[1, 2, 1, 2, 1], padding="SAME"), X(B, 5, 6, 7, 2)),
    case("patches_apart", lambda x: tf.image.extract_patches(x, [1, 3, 3, 1], [1, 3, 3, 1], [1, 1, 1, 1], "VALID"), X(B, 9, 12, 3)),
    case("patches_rectangular", lambda x: tf.image.extract_patches(x, [1, 2, 3, 1], [1, 2, 3, 1], [1, 1, 1, 1], "VALID"), X(B, 9, 11, 3)),
    case("patches_overlapping", lambda x: tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1], "SAME"), IMAGE),
    case("patches_rates", lambda x: tf.image.extract_patches(x, [1, 2, 3, 1], [1, 2, 2, 1], [1, 3, 2, 1], "VALID"), IMAGE),
    case("patches_rates_same", lambda x: tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 2, 2, 1], "SAME"), IMAGE),
    case("dilation2d", lambda x: raw.Dilation2D(input=x, filter=tf.reshape(tf.range(27.0) / 30, [3, 3, 3]), strides=[1, 2, 1, 1], rates=[1, 1, 2, 1],
                                                padding="SAME"), IMAGE),
    case("erosion2d", lambda x: tf.nn.erosion2d(x, tf.reshape(tf.range(12.0) / 30, [2, 2, 3]), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]), IMAGE),
]

CROP_CASES = [
    case("crop_and_resize", lambda x, b, i: tf.image.crop_and_resize(x, b, i, [4, 5]), X(2, 9, 11, 3), CROPS, I(0, 2, 5)),
    case("crop_and_resize_batch", lambda x, b: tf.image.crop_and_resize(x, b, [0, 0, 0, 0, 0], [4, 1], extrapolation_value=-2.0), IMAGE, CROPS),
    case("crop_and_resize_nearest", lambda x, b, i: tf.image.crop_and_resize(x, b, i, [4, 5], method="nearest"), X(2, 9, 11, 3), CROPS, I(0, 2, 5)),
    case("crop_and_resize_uint8", lambda x, b: tf.image.crop_and_resize(x, b, [0, 1, 0, 1, 0], [4, 5]), I(0, 255, 2, 9, 11, 3, dtype=tf.uint8), CROPS),
    case("crop_and_resize_constant", lambda x: tf.image.crop_and_resize(x, [[0.1, 0.2, 0.8, 0.9], [0.9, 0.0, 0.1, 1.0]], [0, 1], [6, 6]), X(2, 9, 11, 3)),
]

RESAMPLING = [
    case("resize_bicubic", lambda x: tf.image.resize(x, [12, 7], "bicubic"), IMAGE),
    case("resize_bicubic_up", lambda x: tf.image.resize(x, [18, 22], "bicubic"), IMAGE),
    case("resize_bicubic_legacy", lambda x: raw.ResizeBicubic(images=x, size=[13, 6]), IMAGE),
    case("resize_bicubic_align", lambda x: raw.ResizeBicubic(images=x, size=[17, 21], align_corners=True), IMAGE),
    case("resize_nearest_int32", lambda x: raw.ResizeNearestNeighbor(images=x, size=[5, 13], half_pixel_centers=True), I(-(2**30), 2**30, B, 7, 8, 3)),
    case("resize_area", lambda x: tf.image.resize(x, [4, 5], "area"), IMAGE),
    case("resize_area_up", lambda x: tf.image.resize(x, [12, 14], "area"), IMAGE),
    case("resize_lanczos", lambda x: tf.image.resize(x, [5, 14], "lanczos3", antialias=True), IMAGE),
    case("resize_antialias", lambda x: tf.image.resize(x, [4, 5], antialias=True), IMAGE),
]

COLOURS_CASES = [
    case("rgb_to_hsv", lambda x: tf.image.rgb_to_hsv(x), COLOURS),
    case("hsv_to_rgb", lambda x: tf.image.hsv_to_rgb(x), COLOURS),
    case("rgb_to_grayscale", lambda x: tf.image.rgb_to_grayscale(x), COLOURS),
    case("rgb_to_yuv", lambda x: tf.image.rgb_to_yuv(x), COLOURS),
    case("adjust_contrast", lambda x: tf.image.adjust_contrast(x, 1.7), COLOURS),
    case("adjust_brightness", lambda x: tf.image.adjust_brightness(x, 0.2), COLOURS),
    case("adjust_saturation", lambda x: tf.image.adjust_saturation(x, 1.6), COLOURS),
    case("adjust_hue", lambda x: tf.image.adjust_hue(x, 0.3), COLOURS),
    case("per_image_standardization", lambda x: tf.image.per_image_standardization(x), P(B, 4, 5, 3)),
    case("sobel_edges", lambda x: tf.image.sobel_edges(x), U(B, 6, 7, 2)),
    case("total_variation", lambda x: tf.image.total_variation(x), U(B, 6, 7, 2)),
]

CASES = SUPPRESSION + PROJECTIONS + PATCHES + CROP_CASES + RESAMPLING + COLOURS_CASES
