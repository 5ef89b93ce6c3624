#include "runtime.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <vector>
#include <sys/mman.h>
#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace fake {

Kernel *Kernel::first;

namespace {

constexpr size_t stack_bytes = 128 << 10;
constexpr size_t zone = 256;  // bytes beside shared memory that nothing may write

enum class State { ready, at_barrier, together, done };

struct Copy { void *to; const void *from; int bytes; };

struct Fiber {
	char *stack = nullptr;
#ifdef __x86_64__
	void *place = nullptr;
#else
	ucontext_t place;
#endif
	State state = State::done;
	void *mine = nullptr;
	void (*call)(void **) = nullptr;
	std::deque<std::vector<Copy>> groups;
	std::vector<Copy> open;
};

std::vector<Fiber> fibers;
std::vector<unsigned char> memory;
const Launch *launch;
int at[3];
int current;
#ifdef __x86_64__
void *scheduler;
#else
ucontext_t scheduler;
#endif

#ifdef __x86_64__
extern "C" void fake_switch(void **save, void *to);
__asm__(
	".text\n.globl fake_switch\n.type fake_switch,@function\nfake_switch:\n"
	"push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
	"mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
	"pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n");
#endif

void leave() {
	Fiber &f = fibers[current];
#ifdef __x86_64__
	fake_switch(&f.place, scheduler);
#else
	swapcontext(&f.place, &scheduler);
#endif
}

void body() {
	launch->call(launch->arguments);
	fibers[current].state = State::done;
	leave();
	abort();
}

void enter(int i) {
	current = i;
	Fiber &f = fibers[i];
#ifdef __x86_64__
	fake_switch(&scheduler, f.place);
#else
	swapcontext(&scheduler, &f.place);
#endif
}

void begin(Fiber &f) {
	if (!f.stack) {
		f.stack = static_cast<char *>(mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
	f.state = State::ready;
	f.groups.clear();
	f.open.clear();
#ifdef __x86_64__
	// Six registers, then the address that fake_switch returns to, then none.
	void **top = reinterpret_cast<void **>(f.stack + stack_bytes) - 3;
	*top = nullptr;
	*--top = reinterpret_cast<void *>(body);
	f.place = top - 6;
#else
	getcontext(&f.place);
	f.place.uc_stack.ss_sp = f.stack;
	f.place.uc_stack.ss_size = stack_bytes;
	f.place.uc_link = nullptr;
	makecontext(&f.place, body, 0);
#endif
}

// order is the order in which fibers run: forwards, backwards, or shuffled.
std::vector<int> order(int n) {
	std::vector<int> o(n);
	for (int i = 0; i < n; i++) o[i] = i;
	const char *text = getenv("XBM_FAKE_ORDER");
	unsigned seed = text ? strtoul(text, nullptr, 10) : 0;
	if (seed == 1) std::reverse(o.begin(), o.end());
	for (int i = n - 1; seed > 1 && i > 0; i--) {
		seed = seed * 1664525 + 1013904223;
		std::swap(o[i], o[(seed >> 8) % (i + 1)]);
	}
	return o;
}

// release lets waiting threads go on: all at a barrier, or one warp that calls something
// together, so that the first warp is as far ahead of the others as barriers let it be.
const char *release(const std::vector<int> &o, int n) {
	int live = 0, waiting = 0;
	for (int i = 0; i < n; i++) {
		live += fibers[i].state != State::done;
		waiting += fibers[i].state == State::at_barrier;
	}
	if (waiting > 0 && waiting == live) {
		if (live != n) return "threads ended while others wait at a barrier";
		for (int i = 0; i < n; i++) fibers[i].state = State::ready;
		return nullptr;
	}
	for (int i : o) {
		int w = i / 32 * 32;
		if (fibers[i].state != State::together) continue;
		void *lanes[32];
		int here = 0;
		for (int i = 0; i < 32 && w + i < n; i++) {
			Fiber &f = fibers[w + i];
			if (f.state != State::together) continue;
			if (f.call != fibers[w].call) return "threads of a warp call different things together";
			lanes[i] = f.mine;
			here++;
		}
		if (here != 32) continue;
		fibers[w].call(lanes);
		for (int i = 0; i < 32; i++) fibers[w + i].state = State::ready;
		return nullptr;
	}
	return "threads wait for others that do not come";
}

const char *run_block(const std::vector<int> &o, int n) {
	memory.assign(launch->shared + 2 * zone + 16, 0xff);
	for (int i = 0; i < n; i++) begin(fibers[i]);
	for (;;) {
		bool ran = false, live = false;
		for (int i : o) {
			if (fibers[i].state == State::ready) {
				enter(i);
				ran = true;
			}
			live |= fibers[i].state != State::done;
		}
		if (!live) break;
		if (ran) continue;
		if (const char *wrong = release(o, n)) return wrong;
	}
	unsigned char *s = shared();
	for (size_t i = 0; i < zone - 16; i++) {
		if (s[-1 - static_cast<long>(i)] != 0xff || s[launch->shared + i] != 0xff) return "a write beside shared memory";
	}
	return nullptr;
}

}  // namespace

unsigned char *shared() {
	auto p = reinterpret_cast<uintptr_t>(memory.data() + zone);
	return reinterpret_cast<unsigned char *>((p + 15) & ~uintptr_t(15));
}

const char *run(const Launch &l) {
	launch = &l;
	if (l.threads % 32) return "a block is not whole warps";
	if (static_cast<int>(fibers.size()) < l.threads) fibers.resize(l.threads);
	auto o = order(l.threads);
	for (at[2] = 0; at[2] < l.blocks[2]; at[2]++)
		for (at[1] = 0; at[1] < l.blocks[1]; at[1]++)
			for (at[0] = 0; at[0] < l.blocks[0]; at[0]++)
				if (const char *wrong = run_block(o, l.threads)) return wrong;
	return nullptr;
}

int thread() { return current; }
int block(int axis) { return at[axis]; }
int blocks(int axis) { return launch->blocks[axis]; }

void barrier() {
	fibers[current].state = State::at_barrier;
	leave();
}

void together(void *mine, void (*call)(void **)) {
	Fiber &f = fibers[current];
	f.mine = mine;
	f.call = call;
	f.state = State::together;
	leave();
}

void begin_copy(void *to, const void *from, int bytes) {
	memset(to, 0xff, 16);  // what is there until the copy lands
	fibers[current].open.push_back({to, from, bytes});
}

void commit_copies() {
	Fiber &f = fibers[current];
	f.groups.push_back(std::move(f.open));
	f.open.clear();
}

void wait_copies(int newest) {
	Fiber &f = fibers[current];
	for (; static_cast<int>(f.groups.size()) > newest; f.groups.pop_front()) {
		for (const Copy &c : f.groups.front()) {
			memset(c.to, 0, 16);
			memcpy(c.to, c.from, c.bytes);
		}
	}
}

}  // namespace fake
