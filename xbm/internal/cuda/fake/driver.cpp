// A libcuda.so.1 without a card, for tests: enough of the driver for package cuda. Work
// given to a stream waits until someone waits for it, so that who reads too early reads
// what was there before. What a kernel or a copy writes beside its memory, and arguments
// that are no device memory, are found.
//
// The environment says what goes wrong:
//
//	XBM_FAKE_INIT     the error that cuInit returns
//	XBM_FAKE_DEVICES  number of devices (1)
//	XBM_FAKE_MAJOR    compute capability's first number (9)
//	XBM_FAKE_MEMORY   MiB of memory (512)
//	XBM_FAKE_FAIL     NAME or NAME:N: the Nth launch of kernel NAME fails, and all after it
//	XBM_FAKE_HANG     NAME: a launch of kernel NAME never ends
//	XBM_FAKE_ORDER    order of the threads: 0 forwards, 1 backwards, others shuffled
#include "runtime.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>
#include <unistd.h>

namespace {

enum : int {
	success = 0, invalid_value = 1, out_of_memory = 2, no_device = 100, invalid_image = 200, not_found = 500,
	illegal_address = 700, out_of_resources = 701, launch_failed = 719,
};

constexpr size_t zone = 4096;        // bytes beside an allocation that nothing may write
constexpr size_t most_shared = 99 << 10;  // bytes a block, of the smallest of today's cards

long setting(const char *name, long otherwise) {
	const char *text = getenv(name);
	return text && *text ? atol(text) : otherwise;
}

struct Allocation { unsigned char *start; size_t bytes; };
std::map<uintptr_t, Allocation> allocations;  // by address
size_t used;

struct Stream { std::deque<std::function<void()>> work; };
Stream null_stream;
std::vector<Stream *> streams{&null_stream};
int sticky;  // the error that a context does not recover from
std::recursive_mutex lock;  // of all calls

Stream *stream(void *s) { return s ? static_cast<Stream *>(s) : &null_stream; }

const Allocation *of(uintptr_t p, size_t bytes) {
	auto next = allocations.upper_bound(p);
	if (next == allocations.begin()) return nullptr;
	const Allocation &a = std::prev(next)->second;
	return p - reinterpret_cast<uintptr_t>(a.start) + bytes <= a.bytes ? &a : nullptr;
}

bool written_beside() {
	for (auto &[_, a] : allocations)
		for (size_t i = 0; i < zone; i++)
			if (a.start[-1 - static_cast<long>(i)] != 0xff || a.start[a.bytes + i] != 0xff) return true;
	return false;
}

int drain(Stream *s) {
	while (!s->work.empty()) {
		auto f = std::move(s->work.front());
		s->work.pop_front();
		if (!sticky) f();
	}
	return sticky;
}

int drain_all() {
	for (auto s : streams) drain(s);
	return sticky;
}

int give(void *s, std::function<void()> f) {
	if (sticky) return sticky;
	stream(s)->work.push_back(std::move(f));
	return success;
}

struct Function { const fake::Kernel *kernel; size_t shared = 48 << 10; };
struct Module { std::string ptx; std::map<std::string, Function> functions; };

// fails reports whether this launch is the one that a test wants to fail.
bool fails(const char *name) {
	static long launches;
	const char *text = getenv("XBM_FAKE_FAIL");
	if (!text) return false;
	std::string wanted = text;
	long nth = 1;
	if (auto colon = wanted.find(':'); colon != std::string::npos) {
		nth = atol(wanted.c_str() + colon + 1);
		wanted.resize(colon);
	}
	return wanted == name && ++launches == nth;
}

void launch(const fake::Kernel *kernel, std::vector<uint64_t> values, const unsigned *shape, size_t shared) {
	if (fails(kernel->name)) {
		sticky = launch_failed;
		return;
	}
	if (const char *name = getenv("XBM_FAKE_HANG"); name && !strcmp(name, kernel->name))
		for (;;) pause();
	std::vector<void *> arguments;
	for (auto &v : values) arguments.push_back(&v);
	fake::Launch l{{static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])}, static_cast<int>(shape[3]), shared, kernel->call, arguments.data()};
	if (const char *wrong = fake::run(l)) {
		fprintf(stderr, "fake driver: kernel %s: %s\n", kernel->name, wrong);
		sticky = launch_failed;
	} else if (written_beside()) {
		fprintf(stderr, "fake driver: kernel %s: a write beside device memory\n", kernel->name);
		sticky = illegal_address;
	}
}

void copy(void *to, const void *from, size_t bytes) {
	memcpy(to, from, bytes);
	if (written_beside()) sticky = illegal_address;
}

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) int
#define LOCKED std::lock_guard<std::recursive_mutex> locked(lock)

API cuInit(unsigned) { return setting("XBM_FAKE_INIT", setting("XBM_FAKE_DEVICES", 1) > 0 ? success : no_device); }
API cuDriverGetVersion(int *v) { *v = 12040; return success; }
API cuDeviceGetCount(int *n) { *n = setting("XBM_FAKE_DEVICES", 1); return success; }
API cuDeviceGetName(char *name, int size, int) { snprintf(name, size, "fake"); return success; }
API cuDeviceTotalMem_v2(size_t *bytes, int) { *bytes = setting("XBM_FAKE_MEMORY", 512) << 20; return success; }
API cuDeviceGetAttribute(int *value, int attribute, int) {
	switch (attribute) {
	case 16: *value = 1; return success;  // multiprocessors: so that a block has several tiles
	case 75: *value = setting("XBM_FAKE_MAJOR", 9); return success;
	case 76: *value = 0; return success;
	}
	*value = 0;
	return success;
}
API cuDevicePrimaryCtxRetain(void **context, int) { *context = &null_stream; return success; }
API cuDevicePrimaryCtxRelease_v2(int) { LOCKED; return drain_all(), success; }
API cuCtxSetCurrent(void *) { return success; }
API cuMemGetInfo_v2(size_t *free, size_t *total) {
	LOCKED;
	*total = setting("XBM_FAKE_MEMORY", 512) << 20;
	*free = *total - used;
	return sticky;
}
API cuMemAlloc_v2(uintptr_t *p, size_t bytes) {
	LOCKED;
	if (sticky) return sticky;
	if (used + bytes > static_cast<size_t>(setting("XBM_FAKE_MEMORY", 512)) << 20) return out_of_memory;
	auto room = static_cast<unsigned char *>(aligned_alloc(256, (bytes + 2 * zone + 511) / 256 * 256));
	memset(room, 0xff, bytes + 2 * zone);
	*p = reinterpret_cast<uintptr_t>(room + zone);
	allocations[*p] = {room + zone, bytes};
	used += bytes;
	return success;
}
API cuMemFree_v2(uintptr_t p) {
	LOCKED;
	drain_all();
	auto a = allocations.find(p);
	if (a == allocations.end()) return invalid_value;
	used -= a->second.bytes;
	free(a->second.start - zone);
	allocations.erase(a);
	return success;
}
API cuMemHostAlloc(void **p, size_t bytes, unsigned) { *p = aligned_alloc(64, (bytes + 63) / 64 * 64); return success; }
API cuMemFreeHost(void *p) { LOCKED; drain_all(); free(p); return success; }
API cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t bytes, void *s) {
	LOCKED;
	if (!of(to, bytes)) return invalid_value;
	return give(s, [=] { copy(reinterpret_cast<void *>(to), from, bytes); });
}
API cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t bytes, void *s) {
	LOCKED;
	if (!of(from, bytes)) return invalid_value;
	return give(s, [=] { copy(to, reinterpret_cast<void *>(from), bytes); });
}
API cuModuleLoadData(void **module, const void *image) {
	LOCKED;
	if (strncmp(static_cast<const char *>(image), "//", 2)) return invalid_image;
	*module = new Module{static_cast<const char *>(image), {}};
	return success;
}
API cuModuleUnload(void *module) { delete static_cast<Module *>(module); return success; }
API cuModuleGetFunction(void **function, void *module, const char *name) {
	LOCKED;
	auto m = static_cast<Module *>(module);
	// The PTX that is loaded must have what the library was built with, with as many parameters.
	auto entry = m->ptx.find(std::string(".entry ") + name + "(");
	if (entry == std::string::npos) return not_found;
	auto head = m->ptx.substr(entry, m->ptx.find(")", entry) - entry);
	int parameters = 0;
	for (size_t i = head.find(".param"); i != std::string::npos; i = head.find(".param", i + 1)) parameters++;
	for (auto k = fake::Kernel::first; k; k = k->next) {
		if (strcmp(k->name, name)) continue;
		if (k->parameters != parameters) return invalid_image;
		auto &f = m->functions[name];
		f.kernel = k;
		*function = &f;
		return success;
	}
	return not_found;
}
API cuFuncSetAttribute(void *function, int attribute, int value) {
	LOCKED;
	if (attribute != 8) return success;  // bytes of dynamic shared memory
	if (value < 0 || static_cast<size_t>(value) > most_shared) return invalid_value;
	static_cast<Function *>(function)->shared = value;
	return success;
}
API cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *s, void **parameters, void **) {
	LOCKED;
	if (sticky) return sticky;
	auto f = static_cast<Function *>(function);
	if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || by != 1 || bz != 1) return invalid_value;
	if (static_cast<int>(bx) > f->kernel->threads || shared > f->shared) return out_of_resources;
	std::vector<uint64_t> values;
	for (int i = 0; i < f->kernel->parameters; i++) {
		values.push_back(*static_cast<uint64_t *>(parameters[i]));
		if (f->kernel->pointers[i] && values[i] && !of(values[i], 1)) {
			fprintf(stderr, "fake driver: kernel %s: argument %d is no device memory\n", f->kernel->name, i);
			return sticky = illegal_address;
		}
	}
	std::vector<unsigned> shape{gx, gy, gz, bx};
	auto kernel = f->kernel;
	return give(s, [=] { launch(kernel, values, shape.data(), shared); });
}
API cuStreamCreate(void **s, unsigned) { LOCKED; streams.push_back(new Stream); *s = streams.back(); return success; }
API cuStreamDestroy_v2(void *s) {
	LOCKED;
	drain(stream(s));
	std::erase(streams, stream(s));
	delete stream(s);
	return success;
}
API cuStreamSynchronize(void *s) { LOCKED; return drain(stream(s)); }
