// Products of rows that are gathered from images: convolutions, and the way of a gradient
// back through them. A linear map is a convolution of size 1.
//
// The channels of a pixel lie side by side, step numbers a pixel: a multiple of 4, of which
// those that are no channels are zeros. So 16 bytes are always of one pixel.
#pragma once
#include "tile.h"

// Gather tells where rows come from: row r is what a square window sees at place r of the
// images, tap by tap, step numbers each.
struct Gather {
	int height, width, step;  // of the images
	int down, across;         // places of an image
	int size, stride, pad;    // of the window
	bool back;                // from the places of a convolution, which are the images here, to its pixels
};

// Place is a place of an image; image -1 is none.
struct Place { int image, y, x; };

DEVICE Place place_of(const Gather &g, long long row, long long rows) {
	int in_image = (int)(row % (g.down * g.across));
	return Place{row < rows ? (int)(row / (g.down * g.across)) : -1, in_image / g.across, in_image % g.across};
}

// pixel_of is the pixel that a tap of the window sees, or -1.
DEVICE long long pixel_of(const Gather &g, const Place &p, int tap) {
	int y = tap / g.size, x = tap % g.size;
	if (g.back) {
		y = p.y + g.pad - y;
		x = p.x + g.pad - x;
		if (y < 0 || x < 0 || y % g.stride || x % g.stride) return -1;
		y /= g.stride;
		x /= g.stride;
	} else {
		y += p.y * g.stride - g.pad;
		x += p.x * g.stride - g.pad;
	}
	if (p.image < 0 || y < 0 || x < 0 || y >= g.height || x >= g.width) return -1;
	return ((long long)p.image * g.height + y) * g.width + x;
}

// copy_channels begins the copy of 16 bytes of a pixel from a channel on; of pixel -1 it
// writes zeros.
DEVICE void copy_channels(unsigned *to, const float *images, const Gather &g, long long pixel, int channel) {
	copy_async(to, images + (pixel < 0 ? 0 : pixel * g.step + channel), pixel < 0 ? 0 : 16);
}

// GATHER is a Gather of the parameters of a kernel.
#define GATHER                                                                                                               \
	Gather g{(int)height, (int)width, (int)step, (int)down, (int)across, (int)size, (int)stride, (int)pad, back != 0}
