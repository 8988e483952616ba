/*
 * image_tools: what the functions of this folder need to give work to savemms-transcode.
 */
#ifndef SM_IMAGE_TOOLS_H
#define SM_IMAGE_TOOLS_H

struct settings;
struct transcoder;

struct image_tools {
	struct transcoder *transcoder;
	const struct settings *settings;
};

#endif
