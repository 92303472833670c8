/** A broker takes 1 MiB a batch unless told otherwise; what is larger could never be sent. */
export const MAX_RECORD_BYTES = 900 * 1024
/** One write: enough to make a sync cheap, little enough to keep a lone caller's wait short. */
export const WRITE_RECORDS = 500
export const WRITE_BYTES = 512 * 1024
/** Records waiting in one process for one topic; beyond it the service is overloaded and says so. */
export const QUEUE_RECORDS = 5_000
export const APPEND_DEADLINE_MS = 10_000
/** What a consumer gets at once. */
export const BATCH_RECORDS = 500
export const BATCH_BYTES = 1024 * 1024
