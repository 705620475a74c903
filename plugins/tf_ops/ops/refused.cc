// Ops that stay out, and why. A row elsewhere that covers one of them goes before the line here.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr char kPython[] = "calls Python code, which is not in the model; export the model without tf.py_function or tf.numpy_function";
constexpr char kCodec[] = "decodes or encodes a compressed file; TFLite has no codecs. Do it before the model, and cut the model with --inputs";
constexpr char kFiles[] = "reads or writes files, which an exported model cannot do on a device";
constexpr char kPipeline[] = "takes elements from an input pipeline; cut the model behind it with --inputs";
constexpr char kExample[] = "parses serialised tf.Example protos; cut the model behind it with --inputs, or export a signature that takes tensors";
constexpr char kTraining[] = "belongs to training: TFLite has neither gradients of this op nor optimisers";
constexpr char kCudnn[] = "runs on cuDNN only; build the model with the layer's portable form";
constexpr char kDevices[] = "moves tensors between devices or processes; export the model for one device";
constexpr char kQuantized[] = "is of TensorFlow's own quantised form, with ranges as tensors, which TFLite's numbers do not have";
constexpr char kAlgebra[] = "is an iterative algorithm of linear algebra, which no TFLite operators express";
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
};

}  // namespace
TFLOWER_OP_FAMILY(refused, kOps);
}  // namespace tflower::tf_ops
