// The candidates of a search for nearest neighbours. The nearness of a row x to a query is
// q·x - ‖x‖²/2. First the largest nearness of each 8 rows; of those the k-th, which no
// query's k-th nearest is below; then all rows that are not farther than that, less what
// rounding can do.
#include "tile.h"

constexpr float far_away = -3.4e38f;

// peaks (n×groups, of 8 rows each) are the largest nearnesses of groups of rows. A row
// that is left out has a half of -Inf.
KERNEL(peaks, threads, const float *queries, const float *rows, const float *halves, float *peaks, long long n, long long m, long long stride, long long groups) {
	int place = thread() % 4, query = block_y() * tile + thread() / 32 * 16 + thread() % 32 / 4;
	each_tile<fp32>(queries, rows, (int)n, (int)m, stride, [&](int first, float (*sim)[4]) {
		UNROLL(8)
		for (int j = 0; j < 8; j++) {
			int row = first + 8 * j + 2 * place;
			float half[2] = {row < m ? halves[row] : far_away, row + 1 < m ? halves[row + 1] : far_away};
			UNROLL(2)
			for (int i = 0; i < 2; i++) {
				float top = most(sim[j][2 * i] + half[0], sim[j][2 * i + 1] + half[1]);
				top = most(top, shuffle_xor(top, 1));
				top = most(top, shuffle_xor(top, 2));
				long long q = query + 8 * i, group = first / 8 + j;
				if (place == j % 4 && q < n && group < groups) peaks[q * groups + group] = top;
			}
		}
	});
}

// order is a number whose order is that of x.
DEVICE unsigned order(float x) {
	unsigned u = bits_of(x);
	return u >> 31 ? ~u : u | 0x80000000u;
}

// kth stores the k-th largest of each query's peaks, less the query's slack, by counting
// digits from the highest on. One block a query.
KERNEL(kth, threads, const float *peaks, const float *slacks, float *least, long long groups, long long k) {
	int *counts = (int *)shared_memory();  // by digit, then what was chosen
	const float *mine = peaks + (long long)block_x() * groups;
	unsigned prefix = 0;
	int left = (int)k;
	for (int shift = 24; shift >= 0; shift -= 8) {
		for (int i = thread(); i < 256; i += threads) counts[i] = 0;
		barrier();
		for (long long g = thread(); g < groups; g += threads) {
			unsigned u = order(mine[g]);
			if (shift == 24 || u >> (shift + 8) == prefix) add_count(counts + (u >> shift & 255), 1);
		}
		barrier();
		if (thread() == 0) {
			int digit = 255;
			while (digit > 0 && counts[digit] < left) left -= counts[digit--];
			counts[256] = digit;
			counts[257] = left;
		}
		barrier();
		prefix = prefix << 8 | counts[256];
		left = counts[257];
		barrier();
	}
	if (thread() == 0) {
		float x = float_of(prefix >> 31 ? prefix & 0x7fffffffu : ~prefix);
		least[block_x()] = x - slacks[block_x()];
	}
}

// near appends to each query's list the rows that are not below its least, in no order;
// counts says how many there are, which may be more than a list has room for.
KERNEL(near, threads, const float *queries, const float *rows, const float *halves, const float *least, int *counts, int *found,
	long long n, long long m, long long stride, long long room) {
	int place = thread() % 4, query = block_y() * tile + thread() / 32 * 16 + thread() % 32 / 4;
	float bound[2] = {query < n ? least[query] : 0, query + 8 < n ? least[query + 8] : 0};
	each_tile<fp32>(queries, rows, (int)n, (int)m, stride, [&](int first, float (*sim)[4]) {
		float *mine = (float *)shared_memory() + stages * stage_words + thread();
		UNROLL(32)
		for (int i = 0; i < 32; i++) mine[i * threads] = sim[i / 4][i % 4];
		UNROLL(16)
		for (int i = 0; i < 32; i++) {
			int row = first + i / 4 * 8 + 2 * place + i % 2;
			long long q = query + i / 2 % 2 * 8;
			if (q >= n || row >= m || halves[row] <= far_away) continue;
			if (mine[i * threads] + halves[row] < bound[i / 2 % 2]) continue;
			int at = next_place(counts + q);
			if (at < room) found[q * room + at] = row;
		}
	});
}
