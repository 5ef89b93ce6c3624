// Package convolution is the convolution of images whose channels lie side by side:
// number c of pixel (y, x) of image i is at ((i·height+y)·width+x)·channels + c.
//
// So laid out, a filter of 1×1 is a matrix product, and so is any other once pixels are
// unfolded; filters of 3×3 need 2.25 or 4 times fewer multiplications by tiles, see
// [crossbatch/backbone/arithmetic.WinogradImage]. Which way is taken depends on the
// shape alone, so that an image has the same result in any batch, and for any
// GOMAXPROCS.
package convolution
