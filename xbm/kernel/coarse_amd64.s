#include "textflag.h"

// Go's assembler does not know AMX. VEX prefixes are C4 E2 and one byte of the second
// factor's register and the kind; operands in memory are base plus index.
#define CONFIGURE BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0x00 // LDTILECFG (AX)
#define RELEASE BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0xC0 // TILERELEASE
#define ZERO(modrm) BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x49; BYTE $modrm // TILEZERO
#define LOAD(modrm, sib) BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x4B; BYTE $modrm; BYTE $sib // TILELOADD
#define STORE(modrm, sib) BYTE $0xC4; BYTE $0xE2; BYTE $0x7A; BYTE $0x4B; BYTE $modrm; BYTE $sib // TILESTORED
#define DOT(vex, modrm) BYTE $0xC4; BYTE $0xE2; BYTE $vex; BYTE $0x5C; BYTE $modrm // TDPBF16PS

// Palette 1, eight tiles of 16 rows of 64 bytes.
DATA tiles<>+0(SB)/8, $1
DATA tiles<>+8(SB)/8, $0
DATA tiles<>+16(SB)/8, $0x0040004000400040
DATA tiles<>+24(SB)/8, $0x0040004000400040
DATA tiles<>+32(SB)/8, $0
DATA tiles<>+40(SB)/8, $0
DATA tiles<>+48(SB)/8, $0x1010101010101010
DATA tiles<>+56(SB)/8, $0
GLOBL tiles<>(SB), RODATA|NOPTR, $64

// func coarseAMX(a, b *uint16, c *float32, ldc, rows, cols, steps int)
// rows and cols are in 32s. Of a, a row has steps·64 bytes; b has steps·1 KiB for each
// 16 columns. In tiles 0 to 3 are sums, in 4 and 5 rows of a, in 6 and 7 columns of b.
TEXT ·coarseAMX(SB), NOSPLIT, $0-56
	LEAQ tiles<>(SB), AX
	CONFIGURE
	MOVQ steps+48(FP), R15
	MOVQ R15, CX
	SHLQ $6, CX           // bytes of a row of a
	MOVQ CX, R14
	SHLQ $4, R14          // bytes of 16 rows of a, and of 16 columns of b
	MOVQ ldc+24(FP), R13
	SHLQ $2, R13
	MOVQ b+8(FP), R9
	MOVQ c+16(FP), R11
	MOVQ cols+40(FP), R10

column:
	MOVQ a+0(FP), R8
	MOVQ R11, R12
	MOVQ rows+32(FP), R15

row:
	MOVQ R8, AX
	LEAQ (R8)(R14*1), DX
	MOVQ R9, BX
	LEAQ (R9)(R14*1), SI
	MOVQ R14, CX
	SHRQ $4, CX
	MOVQ $64, DI
	ZERO(0xC0)
	ZERO(0xC8)
	ZERO(0xD0)
	ZERO(0xD8)
	MOVQ steps+48(FP), R8

step:
	LOAD(0x24, 0x08)      // tile 4: AX+CX
	LOAD(0x34, 0x3B)      // tile 6: BX+DI
	DOT(0x4A, 0xC4)
	LOAD(0x3C, 0x3E)      // tile 7: SI+DI
	DOT(0x42, 0xCC)
	LOAD(0x2C, 0x0A)      // tile 5: DX+CX
	DOT(0x4A, 0xD5)
	DOT(0x42, 0xDD)
	ADDQ $64, AX
	ADDQ $64, DX
	ADDQ $1024, BX
	ADDQ $1024, SI
	DECQ R8
	JNE  step

	LEAQ (DX)(R14*1), R8  // the next 32 rows, but for the bytes of a row
	SUBQ CX, R8
	MOVQ R13, CX
	MOVQ R12, AX
	LEAQ 64(R12), DX
	MOVQ R13, BX
	SHLQ $4, BX
	ADDQ R12, BX
	LEAQ 64(BX), SI
	STORE(0x04, 0x08)     // tile 0: AX+CX
	STORE(0x0C, 0x0A)     // tile 1: DX+CX
	STORE(0x14, 0x0B)     // tile 2: BX+CX
	STORE(0x1C, 0x0E)     // tile 3: SI+CX
	LEAQ (BX)(BX*1), R12
	SUBQ AX, R12
	DECQ R15
	JNE  row

	LEAQ (R9)(R14*2), R9
	ADDQ $128, R11
	DECQ R10
	JNE  column
	RELEASE
	RET
