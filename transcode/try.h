/*
 * try: one file through the transcoder by hand.
 */
#ifndef SM_TRY_H
#define SM_TRY_H

/* Arguments behind --try: FILE, then the options savemms-transcode(8) lists.
 * Prints a line a target and the status. The exit status: 0 when the medium was
 * transcoded and every target fits, 1 when not, -1 for wrong arguments. */
int try_main(int argc, char **argv);

#endif
