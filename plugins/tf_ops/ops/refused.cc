// Ops that stay out, and why. A row elsewhere that covers one of them goes before the line here.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr char kPython[] = "calls Python code, which is not in the model; export the model without tf.py_function or tf.numpy_function";
constexpr char kCodec[] = "decodes or encodes a compressed file; TFLite has no codecs. Do it before the model, and cut the model with --inputs";
constexpr char kFiles[] = "reads or writes files, which an exported model cannot do on a device";
constexpr char kPipeline[] = "takes elements from an input pipeline; cut the model behind it with --inputs";
constexpr char kExample[] = "parses serialised tf.Example protos; cut the model behind it with --inputs, or export a signature that takes tensors";
constexpr char kTraining[] = "is a gradient that only training asks for, and no operators stand for it; export the signature that infers";
constexpr char kCudnn[] = "runs on cuDNN only; build the model with the layer's portable form";
constexpr char kDevices[] = "moves tensors between devices or processes; export the model for one device";
constexpr char kQuantized[] = "is of TensorFlow's own quantised form, with ranges as tensors, which TFLite's numbers do not have";
constexpr char kAlgebra[] = "is an iterative algorithm of linear algebra, which no TFLite operators express";
constexpr char kText[] = "makes new strings, or numbers from strings; TFLite's operators only pass strings on and look them up in tables. Do it before the model, and cut the model with --inputs";
constexpr char kHash[] = "hashes strings, for which TFLite has no operator; hash outside of the model, or look the words up in a table";
constexpr char kMutable[] = "is a table that the model itself changes; TFLite fills a table once, with constants. Use tf.lookup.StaticHashTable";
constexpr char kRejection[] = "draws again until a number fits, for each element as often as it takes; make the numbers before the model";
constexpr char kXla[] = "holds a program for XLA. From JAX: convert with jax2tf.convert(f, native_serialization=False, enable_xla=False); else build the function without jit_compile";
constexpr char kSearch[] = "is an algorithm of data-dependent steps, which no TFLite operators express";
constexpr char kDecoder[] = "searches through hypotheses of data-dependent number, which no TFLite operators express";

constexpr OpDef kOps[] = {
    Refused("PyFunc", kPython), Refused("PyFuncStateless", kPython), Refused("EagerPyFunc", kPython),
    Refused("DecodeJpeg", kCodec), Refused("DecodeAndCropJpeg", kCodec), Refused("DecodePng", kCodec), Refused("DecodeGif", kCodec), Refused("DecodeBmp", kCodec),
    Refused("DecodeImage", kCodec), Refused("DecodeWebP", kCodec), Refused("EncodeJpeg", kCodec), Refused("EncodePng", kCodec), Refused("DecodeWav", kCodec), Refused("EncodeWav", kCodec),
    Refused("DecodeCompressed", kCodec),
    Refused("ReadFile", kFiles), Refused("WriteFile", kFiles), Refused("MatchingFiles", kFiles), Refused("Save", kFiles), Refused("SaveV2", kFiles), Refused("SaveSlices", kFiles),
    Refused("Restore", kFiles), Refused("RestoreV2", kFiles), Refused("RestoreSlice", kFiles), Refused("MergeV2Checkpoints", kFiles), Refused("ShardedFilename", kFiles),
    Refused("IteratorGetNext", kPipeline), Refused("IteratorV2", kPipeline), Refused("OneShotIterator", kPipeline), Refused("QueueDequeueV2", kPipeline),
    Refused("QueueDequeueManyV2", kPipeline), Refused("QueueDequeueUpToV2", kPipeline), Refused("ReaderReadV2", kPipeline),
    Refused("ParseExample", kExample), Refused("ParseExampleV2", kExample), Refused("ParseSingleExample", kExample), Refused("ParseSequenceExample", kExample),
    Refused("ParseSequenceExampleV2", kExample), Refused("ParseSingleSequenceExample", kExample), Refused("DecodeProtoV2", kExample),
    Refused("Conv3DBackpropFilterV2", kTraining), Refused("DepthwiseConv2dNativeBackpropFilter", kTraining),
    Refused("CudnnRNN", kCudnn), Refused("CudnnRNNV2", kCudnn), Refused("CudnnRNNV3", kCudnn),
    Refused("Send", kDevices), Refused("Recv", kDevices), Refused("RemoteCall", kDevices), Refused("CollectiveReduceV2", kDevices), Refused("CollectiveGatherV2", kDevices),
    Refused("NcclAllReduce", kDevices), Refused("CrossReplicaSum", kDevices), Refused("TPUPartitionedCall", kDevices),
    Refused("QuantizeV2", kQuantized), Refused("Dequantize", kQuantized), Refused("QuantizedConv2D", kQuantized), Refused("QuantizedMatMul", kQuantized),
    Refused("QuantizedBiasAdd", kQuantized), Refused("QuantizedRelu", kQuantized), Refused("QuantizedRelu6", kQuantized), Refused("QuantizedMaxPool", kQuantized),
    Refused("QuantizedAvgPool", kQuantized), Refused("QuantizedConcat", kQuantized), Refused("QuantizedReshape", kQuantized), Refused("Requantize", kQuantized),
    Refused("RequantizationRange", kQuantized), Refused("QuantizeDownAndShrinkRange", kQuantized),
    Refused("Cholesky", kAlgebra), Refused("Qr", kAlgebra), Refused("Svd", kAlgebra), Refused("Eig", kAlgebra), Refused("SelfAdjointEigV2", kAlgebra), Refused("Lu", kAlgebra),
    Refused("MatrixInverse", kAlgebra), Refused("MatrixDeterminant", kAlgebra), Refused("LogMatrixDeterminant", kAlgebra), Refused("MatrixSolve", kAlgebra),
    Refused("MatrixSolveLs", kAlgebra), Refused("MatrixTriangularSolve", kAlgebra), Refused("MatrixLogarithm", kAlgebra), Refused("MatrixSquareRoot", kAlgebra),
    Refused("MatrixExponential", kAlgebra), Refused("TridiagonalSolve", kAlgebra),
    Refused("CTCBeamSearchDecoder", kDecoder), Refused("CTCBeamSearchDecoderV2", kDecoder),
    Refused("ResizeBilinearGrad", kTraining), Refused("ResizeBicubicGrad", kTraining), Refused("ResizeNearestNeighborGrad", kTraining),
    Refused("CropAndResizeGradImage", kTraining), Refused("CropAndResizeGradBoxes", kTraining), Refused("AvgPool3DGrad", kTraining),
    Refused("MaxPool3DGrad", kTraining), Refused("LRNGrad", kTraining), Refused("MaxPoolGradWithArgmax", kTraining),
    Refused("MirrorPadGrad", kTraining),
    Refused("AsString", kText), Refused("StringJoin", kText), Refused("StringLower", kText), Refused("StringUpper", kText),
    Refused("StringStrip", kText), Refused("StringLength", kText), Refused("Substr", kText), Refused("StringSplit", kText),
    Refused("StringSplitV2", kText), Refused("StringFormat", kText), Refused("StringNGrams", kText), Refused("RegexReplace", kText),
    Refused("StaticRegexReplace", kText), Refused("RegexFullMatch", kText), Refused("StaticRegexFullMatch", kText), Refused("StringToNumber", kText),
    Refused("ReduceJoin", kText), Refused("UnsortedSegmentJoin", kText), Refused("UnicodeDecode", kText), Refused("UnicodeDecodeWithOffsets", kText),
    Refused("UnicodeEncode", kText), Refused("UnicodeTranscode", kText), Refused("UnicodeScript", kText), Refused("EncodeBase64", kText),
    Refused("DecodeBase64", kText), Refused("DecodeRaw", kText), Refused("DecodePaddedRaw", kText), Refused("DecodeCSV", kText),
    Refused("SerializeTensor", kText), Refused("ParseTensor", kText),
    Refused("StringToHashBucket", kHash), Refused("StringToHashBucketStrong", kHash), Refused("SparseCross", kHash), Refused("SparseCrossV2", kHash),
    Refused("SparseCrossHashed", kHash), Refused("RaggedCross", kHash), Refused("Fingerprint", kHash),
    Refused("MutableHashTable", kMutable), Refused("MutableHashTableV2", kMutable), Refused("MutableHashTableOfTensors", kMutable),
    Refused("MutableHashTableOfTensorsV2", kMutable), Refused("MutableDenseHashTable", kMutable), Refused("MutableDenseHashTableV2", kMutable),
    Refused("LookupTableInsert", kMutable), Refused("LookupTableInsertV2", kMutable), Refused("LookupTableRemoveV2", kMutable),
    Refused("LookupTableExport", kMutable), Refused("LookupTableExportV2", kMutable),
    Refused("RandomGamma", kRejection), Refused("RandomPoisson", kRejection), Refused("RandomPoissonV2", kRejection),
    Refused("StatelessRandomGammaV2", kRejection), Refused("StatelessRandomGammaV3", kRejection), Refused("StatelessRandomPoisson", kRejection),
    Refused("StatelessRandomBinomial", kRejection), Refused("StatefulRandomBinomial", kRejection), Refused("SampleDistortedBoundingBox", kRejection),
    Refused("SampleDistortedBoundingBoxV2", kRejection),
    Refused("XlaCallModule", kXla), Refused("XlaConv", kXla), Refused("XlaConvV2", kXla), Refused("XlaDot", kXla), Refused("XlaDotV2", kXla),
    Refused("XlaGather", kXla), Refused("XlaScatter", kXla), Refused("XlaReduce", kXla), Refused("XlaVariadicReduceV2", kXla),
    Refused("XlaReduceWindow", kXla), Refused("XlaPad", kXla), Refused("XlaSort", kXla), 
   
    Refused("EditDistance", kSearch), Refused("IsotonicRegression", kSearch), Refused("DenseToDenseSetOperation", kSearch),
    Refused("DenseToSparseSetOperation", kSearch), Refused("SparseToSparseSetOperation", kSearch), Refused("CTCLoss", kSearch),
    Refused("CTCLossV2", kSearch),
};

}  // namespace
TFLOWER_OP_FAMILY(refused, kOps);
}  // namespace tflower::tf_ops
