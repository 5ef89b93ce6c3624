#include "scatter.cu"
#include "sweep.cu"
