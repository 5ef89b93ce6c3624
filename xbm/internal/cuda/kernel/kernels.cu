#include "scatter.cu"
#include "sweep.cu"
#include "search.cu"
