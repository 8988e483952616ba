/*
 * cage_calls: the names of the system calls that the filters of cage_seccomp.c allow or refuse as a
 * whole. Each list ends with NULL.
 */
#ifndef SM_CAGE_CALLS_H
#define SM_CAGE_CALLS_H

extern const char *const cage_decode_calls[];         /* all that CAGE_DECODE allows */
extern const char *const cage_render_calls[];         /* what CAGE_RENDER allows besides */
extern const char *const cage_denied_calls[];         /* in the other cages */
extern const char *const cage_program_denied_calls[]; /* in CAGE_PROGRAM besides */

#endif
