package backbone

import "bytes"

// conversion is how weights that PyTorch saved become a file that is read: they are a
// program that makes objects, which is not run here.
const conversion = `convert it with Python:
  import torch, safetensors.torch
  saved = torch.load("weights.pth", map_location="cpu", weights_only=True)
  safetensors.torch.save_file({k: v.contiguous().clone() for k, v in saved.get("state_dict", saved.get("model", saved)).items()}, "weights.safetensors")`

// kindOfWeights says of the start of a file that is no safetensors what it is and what
// to do; "" where it is not known to be another.
func kindOfWeights(start []byte) string {
	for _, kind := range []struct{ magic, is string }{
		{"PK\x03\x04", "a zip, as torch.save writes .pth, .pt and .bin: " + conversion},
		{"\x80\x02", "a pickle, as older versions of torch.save wrote .pth and .bin: " + conversion},
		{"\x80\x03", "a pickle: " + conversion},
		{"\x80\x04", "a pickle: " + conversion},
		{"\x80\x05", "a pickle: " + conversion},
		{"\x1f\x8b", "packed by gzip: unpack it first"},
		{"\x93NUMPY", "an array of NumPy: save the network's arrays by name, as safetensors.numpy.save_file does"},
		{"\x89HDF\r\n", "an HDF5 file, as Keras writes: save its arrays by name, as safetensors.numpy.save_file does"},
		{"version https://git-lfs", "the pointer of Git LFS, not the weights: fetch them with git lfs pull"},
		{"<!DOCTYPE", "a web page: the download has failed, fetch it again"},
		{"<!doctype", "a web page: the download has failed, fetch it again"},
		{"<html", "a web page: the download has failed, fetch it again"},
	} {
		// The first eight bytes of safetensors are the length of its header, of which the
		// upper ones are zero, and the ninth opens it.
		if bytes.HasPrefix(start, []byte(kind.magic)) && (len(start) <= 8 || start[8] != '{' || start[7] != 0) {
			return kind.is
		}
	}
	return ""
}
