/*
 * try: transcodes one file by hand.
 */
#ifndef SM_TRY_H
#define SM_TRY_H

/* Runs savemms-transcode --try. argv holds the arguments that follow --try: FILE, then the options
 * that savemms-transcode(8) lists. Prints one line for each target, then the status. Returns the
 * exit status: 0 when the medium was transcoded and every target fits, else 1; -1 for wrong
 * arguments. */
int try_main(int argc, char **argv);

#endif
