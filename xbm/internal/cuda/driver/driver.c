// The driver's library, loaded when the program starts, and not needed then: a program
// that is linked with libcuda.so.1 itself does not start where there is none, and cu ends
// it where there is no card. So the linker is given these functions in its place. Each
// jumps to the driver's own; without a driver all return CUDA_ERROR_NO_DEVICE, but for
// cuInit, which cu calls before main: it succeeds, and package cuda asks for the truth.
#include <dlfcn.h>
#include <stddef.h>

enum { no_device = 100, not_found = 500 };

static int without_driver(void) { return no_device; }
static int without_function(void) { return not_found; }

#if defined(__x86_64__)
#define JUMP(place) "\tjmp *" #place "(%rip)\n"
#elif defined(__aarch64__)
#define JUMP(place) "\tadrp x16, " #place "\n\tldr x16, [x16, :lo12:" #place "]\n\tbr x16\n"
#else
#error "the driver is loaded on amd64 and arm64"
#endif

#define FUNCTION(name, actual)                                                                     \
	__attribute__((used, visibility("hidden"))) void *driver_##name = (void *)without_driver;      \
	__asm__(".text\n.globl " #name "\n.type " #name ",@function\n" #name ":\n" JUMP(driver_##name));
#include "functions.h"
#undef FUNCTION

// xbm_driver_error is why the driver's library was not loaded, NULL where it was.
const char *xbm_driver_error;
// xbm_driver_init is what the driver's cuInit returned.
int xbm_driver_init = no_device;

__attribute__((constructor)) static void load(void) {
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		xbm_driver_error = dlerror();
		return;
	}
	int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "cuInit");
	if (init) xbm_driver_init = init(0);
	void *place;
#define FUNCTION(name, actual)                       \
	place = dlsym(library, #actual);                 \
	if (!place) place = dlsym(library, #name);       \
	driver_##name = place ? place : (void *)without_function;
#include "functions.h"
#undef FUNCTION
}

int cuInit(unsigned flags) {
	(void)flags;
	return 0;
}
