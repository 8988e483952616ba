/* delivery_report: see delivery_report.h */
#include "model/delivery_report.h"

const char *
report_kind_name(enum report_kind k)
{
	static const char *const names[] = { "Delivered", "Expired", "Rejected", "Failed",
		"NotSupported" };

	return names[k];
}
