"""The structs of xbm.h, field by field."""

from ctypes import Structure, c_char, c_char_p, c_double, c_int32, c_int64, c_uint64, c_void_p

#: Addresses of numbers, as whole numbers: ctypes' own pointers cost a few microseconds each.
Floats = Doubles = Int32s = Int64s = c_void_p


class Error(Structure):
    _fields_ = [("code", c_int32), ("message", c_char * 1020)]


class MemoryConfig(Structure):
    _fields_ = [
        ("capacity", c_int64),
        ("dim", c_int64),
        ("policy", c_char_p),
        ("cure", c_char_p),
        ("max_age", c_int64),
        ("seed", c_uint64),
        ("half", c_int32),
        ("reserved", c_int32 * 15),
    ]


class MemoryInfo(Structure):
    _fields_ = [
        ("capacity", c_int64),
        ("dim", c_int64),
        ("length", c_int64),
        ("total", c_int64),
        ("next", c_int64),
        ("bits", c_int32),
        ("reserved", c_int32 * 15),
    ]


class TermConfig(Structure):
    _fields_ = [
        ("loss", c_char_p),
        ("miner", c_char_p),
        ("seed", c_uint64),
        ("weight", c_double),
        ("age_tau", c_double),
        ("start", c_int64),
        ("ramp", c_int64),
        ("store", c_int32),
        ("keep_copies", c_int32),
        ("views", c_int32),
        ("halves", c_int32),
        ("positive_weight", c_double),
        ("negative_weight", c_double),
        ("reserved", c_int32 * 10),
    ]


class Batch(Structure):
    _fields_ = [
        ("embeddings", Floats),
        ("keys", Floats),
        ("labels", Int32s),
        ("ids", Int64s),
        ("rows", c_int64),
        ("dim", c_int64),
        ("step", c_int64),
        ("read_only", c_int32),
        ("inspect", c_int32),
        ("reserved", c_int32 * 14),
    ]


class Summary(Structure):
    _fields_ = [
        ("value", c_double),
        ("positives", c_int64),
        ("negatives", c_int64),
        ("active_positives", c_int64),
        ("active_negatives", c_int64),
        ("copies", c_int64),
        ("reserved", c_int64 * 8),
    ]


class Param(Structure):
    _fields_ = [("name", c_char * 32), ("rows", c_int64), ("dim", c_int64)]


class Retrieval(Structure):
    _fields_ = [
        ("queries", Floats),
        ("query_labels", Int32s),
        ("gallery", Floats),
        ("gallery_labels", Int32s),
        ("query_rows", c_int64),
        ("gallery_rows", c_int64),
        ("dim", c_int64),
        ("ranks", Int64s),
        ("rank_count", c_int64),
        ("resamples", c_int64),
        ("sample", c_int64),
        ("seed", c_uint64),
        ("most_work", c_double),
        ("full", c_int32),
        ("ranks_only", c_int32),
        ("distance", c_int32),
        ("class_means", c_int32),
        ("query_label_starts", Int64s),
        ("gallery_label_starts", Int64s),
        ("query_cameras", Int32s),
        ("gallery_cameras", Int32s),
        ("junk", c_void_p),
        ("reserved", c_int32 * 12),
    ]
