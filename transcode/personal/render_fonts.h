/*
 * render_fonts: tells which scripts the fonts of this machine can draw.
 */
#ifndef SM_RENDER_FONTS_H
#define SM_RENDER_FONTS_H

/* Enters the cage of a session that draws personal images and writes a line to the descriptor for
 * each script: "ok Latin" or "missing Latin", or the latter alone if no font has letters. A session
 * reads the same fonts. Returns the exit status of the process: 1 if the cage cannot be entered or
 * the lines cannot be written. */
int render_fonts(int fd);

#endif
