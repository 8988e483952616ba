/* encode_judge: see encode_judge.h */
#include "helper/encode_judge.h"

enum encode_rc
encode_outcome(enum transcode_status status)
{
	switch (status) {
	case TS_OK:
		return ENCODE_MADE;
	case TS_CORRUPT:
	case TS_TOO_BIG:
		return ENCODE_FAILED;
	case TS_LIMIT:
		return ENCODE_LATER;
	default:
		return ENCODE_OURS;
	}
}

enum encode_next
encode_next(enum encode_rc rc, const struct encode_facts *f)
{
	switch (rc) {
	case ENCODE_MADE:
		return NEXT_COMMIT;
	case ENCODE_FAILED:
		return NEXT_FAIL;
	case ENCODE_ELSEWHERE:
		return NEXT_RELEASE;
	default:
		break;
	}
	if (f->stopping)
		return NEXT_RELEASE;
	if (rc == ENCODE_OURS || f->disk_short)
		return f->faults < f->schedule ? NEXT_FAULT : NEXT_DEAD_LETTER;
	return f->attempt >= f->attempts ? NEXT_FAIL : NEXT_RETRY;
}

bool
encode_spent(const struct encode_facts *f)
{
	return f->attempt > f->attempts || f->deaths > ENCODE_DEATHS;
}
