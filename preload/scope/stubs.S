/* SPDX-License-Identifier: Apache-2.0

   Through these every call of a probed function goes:

     function:  jmp thunk        5 bytes, written over its first instructions
     thunk:     push $number     near the function, see probe_code.cpp
                jmp  *stub
     stub:      ProbeFrame on the stack; sagemem_on_probe_entry(frame)
                call moved       the first instructions, then the function
                ProbeFrame again; sagemem_on_probe_exit(frame)
                ret

   The stub's frame is one that any unwinder can walk: the call frame
   information below holds at every instruction.  No return address is ever
   rewritten.  An exception that passes calls the personality routine, which
   says that the scope was left.

   Nothing that the function or its caller could look at is changed: all general
   registers and the flags are put back, vector registers are not touched (the
   handlers are compiled without), and the stack pointer is moved by multiples
   of 64, because a function that is known to all its callers may rely on any
   alignment.

   Before a handler, its quick way is tried (intercept/quick_probes.cpp): it
   needs no aligned stack, changes rax, rcx, rdx, rsi and rdi alone, and does
   nothing at all where it returns other than 0.  */

#if defined(__x86_64__)

/* Offsets in ProbeFrame; the last two words of it are above the stub's own.  */
#define RBX 72
#define FLAGS 80
#define TARGET 88
#define WORDS 96
#define OWN 112
#define COPIED 256

        .text

        /* What a quick way changes.  */
        .macro save_few
        movq    %rax, 0(%rsp)
        movq    %rcx, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rsi, 24(%rsp)
        movq    %rdi, 32(%rsp)
        lahf
        seto    %al
        movq    %rax, FLAGS(%rsp)
        .endm

        .macro restore_few above
        movq    (\above + FLAGS)(%rsp), %rax
        addb    $0x7f, %al
        sahf
        movq    (\above + 0)(%rsp), %rax
        movq    (\above + 8)(%rsp), %rcx
        movq    (\above + 16)(%rsp), %rdx
        movq    (\above + 24)(%rsp), %rsi
        movq    (\above + 32)(%rsp), %rdi
        .endm

        .macro save_rest
        movq    %r8, 40(%rsp)
        movq    %r9, 48(%rsp)
        movq    %r10, 56(%rsp)
        movq    %r11, 64(%rsp)
        movq    %rbx, RBX(%rsp)
        .endm

        /* `above`: what lies between the stack pointer and the frame.  */
        .macro restore_rest above
        movq    (\above + 40)(%rsp), %r8
        movq    (\above + 48)(%rsp), %r9
        movq    (\above + 56)(%rsp), %r10
        movq    (\above + 64)(%rsp), %r11
        .endm

        .macro save_registers
        save_few
        save_rest
        .endm

        .macro restore_registers above
        restore_few \above
        restore_rest \above
        .endm

        /* To `slowly` where the quick way is none.  */
        .macro try_quickly handler, slowly
        movq    %rsp, %rdi
        call    \handler
        testl   %eax, %eax
        jnz     \slowly
        .endm

        /* Registers are as the quick way found them, but for the few.  */
        .macro go_slowly handler, back
        .cfi_def_cfa_offset 16 + OWN
        save_rest
        call_handler \handler, 16 + OWN
        restore_rest 0
        jmp     \back
        .endm

        /* Calls a handler with the frame that the stack pointer is at; `cfa`:
           its distance from the CFA.  */
        .macro call_handler handler, cfa
        .cfi_offset %rbx, RBX - \cfa
        movq    %rsp, %rbx
        .cfi_def_cfa_register %rbx
        andq    $-16, %rsp
        movq    %rbx, %rdi
        call    \handler
        movq    %rbx, %rsp
        .cfi_def_cfa_register %rsp
        movq    RBX(%rsp), %rbx
        .cfi_restore %rbx
        .endm

        .macro begin_function name
        .globl  \name
        .hidden \name
        .type   \name, @function
        .p2align 4
\name:
        .endm

        /* On entry: the probe's number, the return address.  */
        begin_function sagemem_stub_call
        .cfi_startproc
        .cfi_personality 0x1b, sagemem_probe_personality
        .cfi_def_cfa_offset 16
        endbr64
        leaq    -OWN(%rsp), %rsp
        .cfi_def_cfa_offset 16 + OWN
        save_few
        try_quickly sagemem_quick_begin, 3f
1:      restore_few 0
        call    *TARGET(%rsp)
        save_few
        try_quickly sagemem_quick_end, 4f
2:      restore_few 0
        leaq    (OWN + 8)(%rsp), %rsp
        .cfi_def_cfa_offset 8
        ret
3:      go_slowly sagemem_on_probe_entry, 1b
4:      go_slowly sagemem_on_probe_exit, 2b
        .cfi_endproc
        .size   sagemem_stub_call, . - sagemem_stub_call

        /* The same for functions that read their caller's stack: what they
           read is copied below the frame.  */
        begin_function sagemem_stub_call_words
        .cfi_startproc
        .cfi_personality 0x1b, sagemem_probe_personality_words
        .cfi_def_cfa_offset 16
        endbr64
        leaq    -OWN(%rsp), %rsp
        .cfi_def_cfa_offset 16 + OWN
        save_registers
        call_handler sagemem_on_probe_entry, 16 + OWN
        leaq    -COPIED(%rsp), %rsp
        .cfi_def_cfa_offset 16 + OWN + COPIED
        movq    (COPIED + WORDS)(%rsp), %rcx
        testq   %rcx, %rcx
        jz      2f
1:      movq    (COPIED + OWN + 16 - 8)(%rsp,%rcx,8), %rax
        movq    %rax, -8(%rsp,%rcx,8)
        decq    %rcx
        jnz     1b
2:      restore_registers COPIED
        call    *(COPIED + TARGET)(%rsp)
        leaq    COPIED(%rsp), %rsp
        .cfi_def_cfa_offset 16 + OWN
        save_registers
        call_handler sagemem_on_probe_exit, 16 + OWN
        restore_registers 0
        leaq    (OWN + 8)(%rsp), %rsp
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size   sagemem_stub_call_words, . - sagemem_stub_call_words

        /* On entry: where to go on, the probe's number, the return address.
           The thunk that calls this has no frame for unwinders: the CFA is that
           of the probed function.  */
        begin_function sagemem_stub_entry
        .cfi_startproc
        .cfi_def_cfa_offset 24
        endbr64
        leaq    -(OWN - 8)(%rsp), %rsp
        .cfi_def_cfa_offset 16 + OWN
        save_few
        try_quickly sagemem_quick_label, 2f
1:      restore_few 0
        leaq    (OWN - 8)(%rsp), %rsp
        .cfi_def_cfa_offset 24
        ret
2:      go_slowly sagemem_on_probe_entry, 1b
        .cfi_endproc
        .size   sagemem_stub_entry, . - sagemem_stub_entry

        /* sagemem_keep_vectors(work, context).  The state is at most 2752 bytes
           long (Intel SDM vol. 1, 13.4 and 13.5): x87, SSE, AVX and AVX-512.
           Of what else there may be (keys, tiles) nothing of ours knows.  */
#define STATE 2816
#define COMPONENTS 0xe7

        begin_function sagemem_keep_vectors
        .cfi_startproc
        endbr64
        pushq   %rbx
        .cfi_def_cfa_offset 16
        .cfi_offset %rbx, -16
        movq    %rsp, %rbx
        .cfi_def_cfa_register %rbx
        subq    $STATE, %rsp
        andq    $-64, %rsp
        movq    %rdi, %r8
        movq    %rsi, %rdi
        /* The header: what the instruction leaves out must be zero.  */
        xorl    %edx, %edx
        movq    %rdx, 512(%rsp)
        movq    %rdx, 520(%rsp)
        movq    %rdx, 528(%rsp)
        movq    %rdx, 536(%rsp)
        movq    %rdx, 544(%rsp)
        movq    %rdx, 552(%rsp)
        movq    %rdx, 560(%rsp)
        movq    %rdx, 568(%rsp)
        movl    $COMPONENTS, %eax
        movl    g_sagemem_vector_way(%rip), %ecx
        cmpl    $1, %ecx
        ja      1f
        je      2f
        fxsave64 (%rsp)
        call    *%r8
        fxrstor64 (%rsp)
        jmp     4f
1:      xsavec64 (%rsp)
        jmp     3f
2:      xsave64 (%rsp)
3:      call    *%r8
        movl    $COMPONENTS, %eax
        xorl    %edx, %edx
        xrstor64 (%rsp)
4:      movq    %rbx, %rsp
        .cfi_def_cfa_register %rsp
        popq    %rbx
        .cfi_def_cfa_offset 8
        .cfi_restore %rbx
        ret
        .cfi_endproc
        .size   sagemem_keep_vectors, . - sagemem_keep_vectors

        .globl  g_sagemem_vector_way
        .hidden g_sagemem_vector_way
        .type   g_sagemem_vector_way, @object
        .size   g_sagemem_vector_way, 4
        .bss
        .p2align 2
g_sagemem_vector_way:
        .zero   4

#endif

        .section .note.GNU-stack, "", @progbits
