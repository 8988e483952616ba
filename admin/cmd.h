/*
 * cmd: the commands, each a function that the table of main.c names.
 *
 * A command gets its words and options in a struct admin. If the table says that the command needs
 * them, main.c has read the instance's settings and opened its store. The command returns the exit
 * status (savemms(1), Exit status): DONE, NOT_DONE (stderr says why) or WRONG_USAGE.
 */
#ifndef SM_CMD_H
#define SM_CMD_H

#include "admin/admin.h"

int cmd_init(struct admin *ad);
int cmd_serve(struct admin *ad);
int cmd_account_add(struct admin *ad);
int cmd_account_set(struct admin *ad);
int cmd_account_list(struct admin *ad);
int cmd_account_show(struct admin *ad);
int cmd_account_rotate(struct admin *ad);
int cmd_account_remove(struct admin *ad);
int cmd_account_import(struct admin *ad);
int cmd_template_list(struct admin *ad);
int cmd_template_show(struct admin *ad);
int cmd_template_export(struct admin *ad);
int cmd_template_delete(struct admin *ad);
int cmd_job_list(struct admin *ad);
int cmd_job_show(struct admin *ad);
int cmd_job_retry(struct admin *ad);
int cmd_job_discard(struct admin *ad);
int cmd_message_list(struct admin *ad);
int cmd_message_show(struct admin *ad);
int cmd_message_release(struct admin *ad);
int cmd_message_fail(struct admin *ad);
int cmd_migrate(struct admin *ad);
int cmd_send(struct admin *ad);
int cmd_reload(struct admin *ad);
int cmd_status(struct admin *ad);
int cmd_doctor(struct admin *ad);
int cmd_trial(struct admin *ad);
int cmd_backup(struct admin *ad);
int cmd_restore(struct admin *ad);
int cmd_check(struct admin *ad);
int cmd_image_add(struct admin *ad);
int cmd_image_list(struct admin *ad);
int cmd_image_show(struct admin *ad);
int cmd_image_render(struct admin *ad);
int cmd_image_remove(struct admin *ad);
int cmd_carrier(struct admin *ad);

#endif
